// Runs before the first paint, so that nobody who chose dark is dazzled by a white page.
const chosen = localStorage.getItem("theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
