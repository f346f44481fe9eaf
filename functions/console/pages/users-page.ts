import { html } from "hono/html";
import type { Customer } from "../../store/customer-store.ts";
import type { User } from "../../store/user-store.ts";
import type { Session } from "../session.ts";
import { accessFields, customersWord, secretNotice } from "./access-fields.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";

export interface UsersView {
  readonly users: readonly User[];
  readonly customers: readonly Customer[];
  /** Just made: shown this once. */
  readonly issued: { readonly email: string; readonly password: string } | null;
}

export function usersPage(shell: Shell, session: Session, { users, customers, issued }: UsersView): Html {
  return consolePage(shell, session, {
    title: "Users",
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: "Users", href: "/users" },
    ],
    content: html`<div class="page-head"><div><h1>Users</h1></div></div>
      ${issued === null ? "" : secretNotice(`The password of ${issued.email}.`, issued.password)}
      <section class="card flush" aria-label="Users"><div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">E-mail address</th><th scope="col">Role</th><th scope="col">Customers</th><th scope="col">Since</th><th scope="col">Change</th></tr></thead>
        <tbody>${users.map((user) => userRow(session, user, customers))}</tbody>
      </table></div></section>
      <section class="card form-card" aria-labelledby="new-user"><h2 id="new-user">Let somebody in</h2>
        <form method="post" action="/users">${csrfField(session)}
          <label>E-mail address <input type="email" name="email" required maxlength="254" autocomplete="off"></label>
          ${accessFields(session, customers, null)}
          <button type="submit">Make the user, and a first password</button>
        </form></section>`,
  });
}

function userRow(session: Session, user: User, customers: readonly Customer[]): Html {
  const here = `/users/${user.userId}`;
  return html`<tr id="user-${user.userId}">
    <th scope="row" data-label="E-mail address">${user.email}<span class="sub">let in by ${user.createdBy}</span></th>
    <td data-label="Role">${user.access.role}</td>
    <td data-label="Customers">${customersWord(user.access, customers)}</td>
    <td data-label="Since" class="number">${dateTime(user.createdAt)}</td>
    <td data-label="Change"><details><summary>Change</summary>
      <form method="post" action="${here}/access">${csrfField(session)}${accessFields(session, customers, user.access)}<button type="submit">Save</button></form>
      <form method="post" action="${here}/password" class="inline-form">${csrfField(session)}<button type="submit" class="quiet">New password, and end all sessions</button></form>
      <form method="post" action="${here}/removal" class="inline-form">${csrfField(session)}<button type="submit" class="quiet">Remove</button></form>
    </details></td>
  </tr>`;
}
