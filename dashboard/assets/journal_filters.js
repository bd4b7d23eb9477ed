/* The line below the page's head: toggles, period, search, more filters, and a chip for each that is on. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const state = journal.state;

    const TOGGLES = [
        ["inbound", "arrow-down-left"],
        ["outbound", "arrow-up-right"],
        ["missed", "telephone-x"],
    ];
    const FLAGS = ["mine", "attention", "lost", "first", "unregistered"];
    const LISTS = ["employee", "queue", "line", "channel", "tag"];
    const PRESETS = ["all", "today", "yesterday", "7d", "30d", "90d", "month", "quarter", "year"];

    let directory = null; // what the lists offer; asked for when they are first opened, and after a change
    document.addEventListener("callboard:directory", () => (directory = null));

    /** options: presets, other names of periods; periodOnly, nothing but that; toRows(), goes from the search box into the list. */
    journal.filterBar = function (root, options = {}) {
        const search = searchBox(options.toRows || (() => {}));
        const toggles = toggleGroup();
        const period = journal.periodPicker(
            options.presets || PRESETS,
            () => ({ period: state.get("period"), from: state.get("from"), to: state.get("to") }),
            (chosen) => state.set({ period: null, from: null, to: null, ...chosen }),
        );
        const more = moreFilters();
        const chips = el("div", { class: "j-chips" });
        const parts = options.periodOnly ? [period] : [toggles, period, more, search];
        journal.fill(root, el("div", { class: "j-filters" }, parts.map((part) => part.root)), options.periodOnly ? null : chips);

        function refresh() {
            for (const part of parts) part.refresh();
            if (!options.periodOnly) drawChips(chips);
        }
        state.onChange(refresh);
        refresh();
        return { focusSearch: search.focus, refresh };
    };

    function searchBox(toRows) {
        const input = el("input", {
            type: "search",
            class: "j-search-input",
            placeholder: t("search.placeholder"),
            "aria-label": t("search.label"),
            "aria-keyshortcuts": "/",
            autocomplete: "off",
            spellcheck: "false",
        });
        const later = journal.debounce(() => state.set({ q: input.value.trim() }), 250);
        input.addEventListener("input", later);
        input.addEventListener("keydown", (event) => {
            if (event.key === "Enter" || event.key === "ArrowDown") {
                event.preventDefault();
                event.stopPropagation();
                input.blur();
                if ((state.get("q") || "") !== input.value.trim()) state.set({ q: input.value.trim() });
                toRows();
            } else if (event.key === "Escape") {
                if (input.value) {
                    input.value = "";
                    state.set({ q: null });
                } else input.blur();
                event.stopPropagation();
            }
        });
        const root = el(
            "label",
            { class: "j-control j-search" },
            journal.icon("search"),
            input,
            el("kbd", { "aria-hidden": "true" }, "/"),
        );
        const refresh = () => {
            if (document.activeElement !== input) input.value = state.get("q") || "";
        };
        return { root, refresh, focus: () => (input.focus(), input.select()) };
    }

    function toggleGroup() {
        const all = el(
            "button",
            { type: "button", class: "j-toggle", onclick: () => state.set({ kind: null }) },
            t("kind.all"),
        );
        const buttons = TOGGLES.map(([kind, icon]) =>
            el(
                "button",
                {
                    type: "button",
                    class: `j-toggle is-${kind}`,
                    "data-kind": kind,
                    onclick: () => state.toggle("kind", kind),
                },
                journal.icon(icon),
                t(`kind.${kind}`),
            ),
        );
        const root = el("div", { class: "j-toggles", role: "group", "aria-label": t("kind.label") }, all, buttons);
        const refresh = () => {
            const on = state.all("kind");
            all.setAttribute("aria-pressed", String(on.length === 0));
            for (const button of buttons) button.setAttribute("aria-pressed", String(on.includes(button.dataset.kind)));
        };
        return { root, refresh };
    }

    function moreFilters() {
        const count = el("span", { class: "j-badge", hidden: true });
        const button = el(
            "button",
            { type: "button", class: "j-control", "aria-haspopup": "dialog", "aria-expanded": "false" },
            journal.icon("funnel"),
            t("filters"),
            count,
        );
        const popover = journal.popover(button, content, "j-more");
        popover.refresh = () => {
            const on = chipsOf().length;
            count.textContent = on;
            count.hidden = on === 0;
        };
        return popover;
    }

    function content() {
        const lists = el("div", { class: "j-more-lists" });
        fillLists(lists);
        return el(
            "div",
            { class: "j-more-grid" },
            el(
                "fieldset",
                {},
                el("legend", {}, t("filters.which")),
                FLAGS.map((name) => check(name, "1", t(`flag.${name}`), t(`flag.${name}.hint`))),
                check("kind", "internal", t("kind.internal"), t("kind.internal.hint")),
            ),
            el(
                "fieldset",
                {},
                el("legend", {}, t("filters.with")),
                check("recording", "1", t("flag.recording")),
                check("comment", "1", t("flag.comment")),
                seconds("talk"),
                seconds("wait"),
            ),
            lists,
        );
    }

    function check(name, value, text, hint) {
        const box = el("input", { type: "checkbox" });
        box.checked = state.has(name, value);
        box.addEventListener("change", () => {
            if (name === "kind" || LISTS.includes(name)) state.toggle(name, value);
            else state.set({ [name]: box.checked ? value : null });
        });
        return el("label", { class: "j-check", title: hint }, box, el("span", {}, text));
    }

    function seconds(name) {
        const input = el("input", {
            type: "number",
            min: "0",
            step: "10",
            class: "j-number",
            value: state.get(name) || "",
        });
        input.addEventListener(
            "input",
            journal.debounce(() => state.set({ [name]: input.value }), 300),
        );
        return el(
            "label",
            { class: "j-check" },
            el("span", {}, t(`filters.${name}`)),
            input,
            el("span", {}, t("seconds")),
        );
    }

    async function fillLists(root) {
        try {
            directory = directory || (await journal.request("/api/directory"));
        } catch (error) {
            journal.fill(root, el("p", { class: "j-hint is-error" }, error.message));
            return;
        }
        journal.fill(
            root,
            ...LISTS.filter((name) => directory[name] && directory[name].length).map((name) =>
                el(
                    "fieldset",
                    {},
                    el("legend", {}, t(`filters.${name}`)),
                    el(
                        "div",
                        { class: "j-scroll" },
                        directory[name].map((one) => check(name, one.id, one.title)),
                    ),
                ),
            ),
        );
        drawLists();
    }

    /* Titles of ids in chips are known once the directory was read. */
    let drawLists = () => {};

    function titleOf(name, value) {
        const found = directory && (directory[name] || []).find((one) => one.id === value);
        return found ? found.title : value;
    }

    /** Every filter that is on and has no control of its own in the line: [name, value, words]. */
    function chipsOf() {
        const chips = [];
        for (const [name, value] of state.values()) {
            if (["selected", "sort", "q", "period", "from", "to"].includes(name) || journal.config.apart?.(name))
                continue;
            if (name === "kind" && value !== "internal") continue;
            chips.push([name, value, chipText(name, value)]);
        }
        return chips;
    }

    function chipText(name, value) {
        if (FLAGS.includes(name)) return t(`flag.${name}`);
        if (name === "kind") return t(`kind.${value}`);
        if (name === "recording" || name === "comment") return t(value === "1" ? `flag.${name}` : `flag.${name}.none`);
        if (name === "talk" || name === "wait") return t(`chip.${name}`, { time: journal.duration(Number(value)) });
        if (name === "asof") return asOfText(value);
        if (name === "slice") return sliceWords.get(value) || t("chip.slice");
        if (name === "hour") return t("chip.hour", { from: `${value}:00`, to: `${(Number(value) + 1) % 24}:00` });
        const domain = { status: "status", reason: "reason", class: "number_class", outcome: "outcome", lead: "lead" }[
            name
        ];
        const shown = domain
            ? journal.word(`${domain}.${value}`, value)
            : name === "weekday"
              ? journal.word(`weekday.${value}`, value)
              : name === "client"
                ? journal.clientNames.get(value) || "…"
                : titleOf(name, value);
        return `${journal.word(`chip.${name}`, name)}: ${shown}`;
    }

    /** "Статус на 20 ноября, 12:00"; midnight is the end of the day before. */
    function asOfText(value) {
        if (value === "end") return t("chip.asof_end");
        const [day, time] = value.split("T");
        if (!time) return t("chip.asof", { day: journal.dayText(day) });
        return t("chip.asof_time", { day: journal.dayText(day), time: time.slice(0, 5) });
    }

    /* What the number of a report was, in words: the server knows the names of employees, queues and clients. */
    const sliceWords = new Map();

    async function readSliceWords(slices) {
        for (const slice of slices) {
            const path = `/api/slice?${new URLSearchParams({ slice })}`;
            const told = await journal.request(path).catch(() => null);
            sliceWords.set(slice, told ? told.words : t("chip.slice"));
        }
    }

    /* Filled by the rows that arrive: a filter by client is mostly opened from a row or a card. */
    journal.clientNames = new Map();

    async function drawChips(root) {
        const on = chipsOf();
        const needsTitles = !directory && on.some(([name]) => LISTS.includes(name));
        journal.fill(
            root,
            ...on.map(([name, value, text]) =>
                el(
                    "span",
                    { class: "j-chip" },
                    text,
                    journal.button("x", t("chip.remove", { filter: text }), () =>
                        state.set({ [name]: state.all(name).filter((one) => one !== value) }),
                    ),
                ),
            ),
            ...(state.isFiltered()
                ? [el("button", { type: "button", class: "j-link", onclick: () => state.clear() }, t("filters.reset"))]
                : []),
        );
        root.hidden = on.length === 0;
        drawLists = () => drawChips(root);
        const unread = on.filter(([name, value]) => name === "slice" && !sliceWords.has(value)).map(([, value]) => value);
        if (unread.length) readSliceWords(unread).then(() => drawLists());
        if (needsTitles) {
            directory = await journal.request("/api/directory").catch(() => null);
            if (directory) drawChips(root);
        }
    }

    journal.onClientNames = () => drawLists();
})();
