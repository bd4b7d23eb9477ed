/* A popover below its button: opens on click, closes on Escape, on a click outside and when left by Tab. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el } = journal;

    /** {root, button, close}: `fill(close)` gives the content whenever it opens. */
    journal.popover = function (button, fill, extraClass) {
        const box = el("div", { class: `j-popover ${extraClass || ""}`, role: "dialog", hidden: true });
        const root = el("div", { class: "j-popover-root" }, button, box);

        function close(focusButton) {
            if (box.hidden) return;
            box.hidden = true;
            box.replaceChildren();
            button.setAttribute("aria-expanded", "false");
            if (focusButton) button.focus();
        }

        function open() {
            journal.fill(
                box,
                fill(() => close(true)),
            );
            box.hidden = false;
            button.setAttribute("aria-expanded", "true");
            box.style.left = "0";
            const over = box.getBoundingClientRect().right - (document.documentElement.clientWidth - 12);
            if (over > 0) box.style.left = `${-over}px`;
            const first = box.querySelector("[autofocus], input, button");
            if (first) first.focus({ preventScroll: true });
        }

        button.addEventListener("click", () => (box.hidden ? open() : close(true)));
        root.addEventListener("keydown", (event) => {
            if (event.key !== "Escape" || box.hidden) return;
            event.stopPropagation();
            close(true);
        });
        root.addEventListener("focusout", (event) => {
            if (event.relatedTarget && !root.contains(event.relatedTarget)) close(false);
        });
        journal.listen(document, "pointerdown", (event) => {
            if (!root.contains(event.target)) close(false);
        });
        return { root, button, close };
    };

    /**
     * A button that opens a menu. items() gives {icon, text, action, on, disabled, hint, stays} or null for a
     * line; after an item that stays the menu is drawn anew, for choices of which one makes several.
     */
    journal.menu = function (button, items) {
        button.setAttribute("aria-haspopup", "dialog");
        return journal.popover(button, (close) => {
            const root = el("div", { class: "j-menu" });
            const draw = () =>
                journal.fill(
                    root,
                    items().map((item, index) => entry(item, index)),
                );
            const entry = (item, index) => {
                if (item === null) return el("hr", {});
                const run = () => {
                    if (!item.stays) close();
                    item.action();
                    if (!item.stays) return;
                    draw();
                    root.children[index].focus();
                };
                return el(
                    "button",
                    {
                        type: "button",
                        class: "j-menu-item",
                        "aria-pressed": item.on === undefined ? null : String(item.on),
                        disabled: item.disabled,
                        title: item.hint,
                        onclick: run,
                    },
                    journal.icon(item.icon),
                    item.text,
                );
            };
            draw();
            return root;
        });
    };
})();
