// Runs before the first paint: which theme, and whether the sidebar is folded.
(function () {
    "use strict";
    var root = document.documentElement;
    var system = window.matchMedia("(prefers-color-scheme: dark)");

    function apply() {
        var choice = root.dataset.themeChoice || "system";
        var theme = choice === "system" ? (system.matches ? "dark" : "light") : choice;
        document.cookie = "callboard_theme=" + theme + "; path=/; samesite=lax; max-age=31536000";
        if (root.dataset.theme === theme && root.dataset.bsTheme === theme) {
            return;
        }
        root.dataset.theme = theme;
        root.dataset.bsTheme = theme;
        // AG Grid asks for its mode by an attribute of its own.
        root.dataset.agThemeMode = theme;
        document.dispatchEvent(new CustomEvent("callboard:theme", { detail: { theme: theme } }));
    }

    system.addEventListener("change", apply);
    window.callboard = window.callboard || {};
    window.callboard.applyTheme = function (choice) {
        root.dataset.themeChoice = choice;
        apply();
    };
    root.dataset.agThemeMode = root.dataset.theme;
    apply();
    try {
        root.classList.toggle("side-folded", localStorage.getItem("callboard-side") === "folded");
    } catch (error) {
        // Storage is forbidden: the sidebar stays open.
    }
})();
