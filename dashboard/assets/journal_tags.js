/* Tags of calls: chips that can be taken off, and a picker that finds, hangs and makes words of the vocabulary. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    let known = null; // a promise of the vocabulary; asked for when somebody first wants it

    /** All tags of the office, by title. */
    journal.vocabulary = function () {
        known =
            known ||
            journal.request("/api/tags").then(
                (answer) => answer.tags,
                (error) => {
                    known = null;
                    throw error;
                },
            );
        return known;
    };

    document.addEventListener("callboard:directory", () => (known = null));

    /** A tag as people see it; `off` takes it away. */
    journal.tagChip = function (tag, off) {
        return el(
            "span",
            { class: `tag is-${tag.colour}`, title: tag.title },
            el("span", {}, tag.title),
            off &&
                el(
                    "button",
                    {
                        type: "button",
                        title: t("tags.remove", { tag: tag.title }),
                        "aria-label": t("tags.remove", { tag: tag.title }),
                        onclick: off,
                    },
                    journal.icon("x"),
                ),
        );
    };

    /** Hang tags on calls and take tags off; a promise of the calls that were meant. */
    journal.tagCalls = (calls, add, remove) =>
        journal.request("/api/calls/tags", {
            json: { calls, add: add.map((tag) => tag.tag_id), remove: remove.map((tag) => tag.tag_id) },
        });

    journal.byTitle = (tags) =>
        [...tags].sort((one, other) => one.title.localeCompare(other.title, journal.config.locale));

    /**
     * A button that opens the vocabulary. carried(tag): "all", "some" or "none" of what is tagged carries it;
     * change(tag, on): hang it or take it off.
     */
    journal.tagPicker = function (button, carried, change) {
        return journal.popover(button, () => {
            const list = el("div", { class: "tag-picker-list j-menu" });
            const field = el("input", {
                type: "text",
                class: "j-input",
                maxlength: "60",
                autocomplete: "off",
                placeholder: t("tags.search"),
                "aria-label": t("tags.search"),
            });
            let tags = null;
            let isEntered = false; // Enter came before the words did
            field.addEventListener("input", draw);
            const root = el("div", { class: "tag-picker" }, field, list);
            root.addEventListener("keydown", walk);
            load();
            return root;

            async function load() {
                journal.fill(list, el("p", { class: "j-hint" }, t("loading")));
                try {
                    tags = await journal.vocabulary();
                    draw();
                    if (isEntered) list.querySelector(".j-menu-item")?.click();
                    isEntered = false;
                } catch (error) {
                    journal.fill(
                        list,
                        el("p", { class: "j-hint is-error", role: "alert" }, error.message),
                        el("button", { type: "button", class: "j-button", onclick: load }, t("retry")),
                    );
                }
            }

            function draw() {
                if (!tags) return;
                const words = key(field.value);
                const fitting = tags.filter((tag) => key(tag.title).includes(words));
                const offers = fitting.map(entry);
                if (words && !tags.some((tag) => key(tag.title) === words)) offers.push(creation());
                if (!offers.length) offers.push(el("p", { class: "j-hint" }, t("tags.none")));
                journal.fill(list, offers);
            }

            function entry(tag) {
                const state = carried(tag);
                return el(
                    "button",
                    {
                        type: "button",
                        class: "j-menu-item",
                        "aria-pressed": state === "some" ? "mixed" : String(state === "all"),
                        onclick: () => {
                            change(tag, state !== "all");
                            draw();
                            field.focus();
                        },
                    },
                    journal.icon({ all: "check2", some: "circle-half", none: "dot" }[state]),
                    el("span", { class: `tag-dot is-${tag.colour}`, "aria-hidden": "true" }),
                    el("span", {}, tag.title),
                );
            }

            function creation() {
                const title = field.value.trim();
                return el(
                    "button",
                    { type: "button", class: "j-menu-item", onclick: () => create(title) },
                    journal.icon("plus-lg"),
                    el("span", {}, t("tags.create", { tag: title })),
                );
            }

            async function create(title) {
                try {
                    const tag = await journal.request("/api/tags", { json: { title } });
                    known = null;
                    tags = journal.byTitle([...tags, tag]);
                    field.value = "";
                    change(tag, true);
                    draw();
                    field.focus();
                } catch (error) {
                    journal.toast(error.message, "error");
                }
            }

            /* Arrows walk from the field into the words and back; Enter takes the first one. */
            function walk(event) {
                const items = [...list.querySelectorAll(".j-menu-item")];
                const at = items.indexOf(document.activeElement);
                if (event.key === "ArrowDown" && items.length) items[Math.min(at + 1, items.length - 1)].focus();
                else if (event.key === "ArrowUp" && at >= 0) (items[at - 1] || field).focus();
                else if (event.key === "Enter" && at < 0 && !tags) isEntered = true;
                else if (event.key === "Enter" && at < 0 && items.length) items[0].click();
                else return;
                event.preventDefault();
                event.stopPropagation();
            }
        });
    };

    const key = (title) => title.trim().toLowerCase().replace(/ё/g, "е").replace(/\s+/g, " ");

    /** The tags of one call: shown at once, taken back with a message where they are refused. */
    journal.tagSection = function (callId, tags, changed) {
        let hung = tags;
        const chips = el("div", { class: "tags" });
        const may = journal.config.rights.comment;
        const add = el(
            "button",
            { type: "button", class: "j-link", "aria-haspopup": "dialog", "aria-expanded": "false" },
            t("tags.add"),
        );
        const picker = journal.tagPicker(
            add,
            (tag) => (hung.some((one) => one.tag_id === tag.tag_id) ? "all" : "none"),
            change,
        );
        const root = el(
            "section",
            { class: "j-section j-tag-section", hidden: !may && !hung.length },
            el("div", { class: "j-section-head" }, el("h3", {}, t("tags")), may && picker.root),
            chips,
        );
        draw();
        return { root, refresh };

        function draw() {
            journal.fill(
                chips,
                hung.map((tag) => journal.tagChip(tag, may && (() => change(tag, false)))),
            );
        }

        function refresh(newer) {
            hung = newer;
            draw();
        }

        async function change(tag, on) {
            const former = hung;
            hung = journal.byTitle([...hung.filter((one) => one.tag_id !== tag.tag_id), ...(on ? [tag] : [])]);
            draw();
            changed(hung);
            try {
                await journal.tagCalls([callId], on ? [tag] : [], on ? [] : [tag]);
            } catch (error) {
                hung = former;
                draw();
                changed(hung);
                journal.toast(error.message, "error");
            }
        }
    };
})();
