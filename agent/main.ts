#!/usr/bin/env node
import { understudyProgram } from "./cli/program.ts";
import { reportFailure } from "./cli/report-failure.ts";
import { answerWrongCalls } from "./cli/wrong-call.ts";

const understudy = understudyProgram();
answerWrongCalls(understudy);

try {
  await understudy.parseAsync();
} catch (error) {
  reportFailure(error);
}
