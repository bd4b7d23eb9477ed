/* The keyboard: one letter does one thing, unless somebody is typing. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    const typing = (target) =>
        target.isContentEditable ||
        /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
        (target.tagName === "INPUT" && !/^(checkbox|radio|button|range)$/.test(target.type));

    // Controls that know what to do with a key themselves.
    const takes = (target, key) =>
        (key === " " || key === "Enter") && target.closest("button, a, input, [role=option]") !== null;

    /** actions: key (event.key, or "g j" for two in a row) -> function; an action that returns false passes on. */
    journal.keyboard = function (actions) {
        let prefix = null;
        let timer = null;
        journal.listen(document, "keydown", (event) => {
            if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
            if (typing(event.target) || takes(event.target, event.key)) return;
            // The letter of a Russian layout stands on the same key as its Latin one.
            const letter = /^Key([A-Z])$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
            const key = prefix ? `${prefix} ${letter}` : event.key in actions ? event.key : slash(event) || letter;
            clearTimeout(timer);
            if (!prefix && Object.keys(actions).some((name) => name.startsWith(`${key} `))) {
                prefix = key;
                timer = setTimeout(() => (prefix = null), 1200);
                return;
            }
            prefix = null;
            const action = actions[key];
            if (action && action(event) !== false) event.preventDefault();
        });
    };

    function slash(event) {
        if (event.code === "Slash") return event.shiftKey ? "?" : "/";
        if (event.code === "Comma" && event.shiftKey) return "<";
        if (event.code === "Period" && event.shiftKey) return ">";
        return null;
    }

    const HELP = [
        ["/", "keys.search"],
        ["j k ↓ ↑", "keys.rows"],
        ["Enter", "keys.open"],
        ["Space", "keys.play"],
        ["← →", "keys.seek"],
        ["< >", "keys.speed"],
        ["c", "keys.comment"],
        ["Ctrl Enter", "keys.save"],
        ["x", "keys.mark"],
        ["p", "keys.panel"],
        ["Esc", "keys.close"],
        ["g j", "keys.journal"],
        ["g c", "keys.chats"],
        ["g s", "keys.statistics"],
        ["?", "keys.help"],
    ];

    journal.showKeys = function () {
        const old = document.getElementById("journal-keys");
        if (old) return old.close();
        const dialog = el(
            "dialog",
            { id: "journal-keys", class: "j-dialog", "aria-label": t("keys") },
            el(
                "header",
                {},
                el("h2", {}, t("keys")),
                journal.button("x-lg", t("close"), () => dialog.close()),
            ),
            el(
                "dl",
                { class: "j-keys" },
                HELP.map(([keys, word]) => [
                    el(
                        "dt",
                        {},
                        keys.split(" ").map((key) => el("kbd", {}, key)),
                    ),
                    el("dd", {}, t(word)),
                ]),
            ),
        );
        dialog.addEventListener("close", () => dialog.remove());
        document.body.append(dialog);
        dialog.showModal();
    };

    journal.go = (path) => {
        // The router of the pages follows history, as its own links do.
        window.history.pushState({}, "", path);
        window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
        window.scrollTo(0, 0);
    };
})();
