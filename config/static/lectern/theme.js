// The theme that a person prefers wins over what this browser remembers of somebody.
(() => {
  const theme = document.documentElement.className;
  if (["light", "dark", "auto"].includes(theme)) {
    localStorage.setItem("adminTheme", JSON.stringify(theme));
  }
})();
