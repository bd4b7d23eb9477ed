/* The page of tasks: mine, those I gave, everybody's; a new one, done, changed in place. State is in the address. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    const WHOSE = ["mine", "given", "all"];
    const STATES = ["open", "overdue", "done"];

    function start(config) {
        journal.leave();
        journal.config = config;
        const place = (id) => document.getElementById(id);
        const isHere = () => journal.config === config && place("tasks-list") !== null;
        const state = journal.state;
        let opened = null;
        if (!isHere()) return;

        const whose = () => (WHOSE.includes(state.get("whose")) ? state.get("whose") : "mine");
        const which = () => (STATES.includes(state.get("state")) ? state.get("state") : "open");

        const read = journal.coalesce(async () => {
            try {
                const query = new URLSearchParams({ whose: whose(), state: which() });
                const { tasks } = await journal.request(`/api/tasks?${query}`);
                if (isHere()) draw(tasks);
            } catch (error) {
                if (isHere()) fail(error);
            }
        });
        state.onChange(() => (bar(), read()));
        journal.hints({ tasks: () => opened === null && read() });
        journal.fill(
            place("tasks-tools"),
            config.rights.comment &&
                el(
                    "button",
                    { type: "button", class: "button is-primary", id: "tasks-new", onclick: add },
                    journal.icon("plus-lg"),
                    t("task.new"),
                ),
        );
        bar();
        read();

        function bar() {
            const held = document.activeElement && document.activeElement.dataset.choice;
            journal.fill(
                place("tasks-filters"),
                choice("whose", WHOSE.filter((name) => name !== "all" || config.all), whose(), "mine"),
                choice("state", STATES, which(), "open"),
            );
            if (held) place("tasks-filters").querySelector(`[data-choice="${held}"]`)?.focus();
        }

        function choice(name, values, chosen, usual) {
            return el(
                "div",
                { class: "segmented", role: "group", "aria-label": t(`tasks.${name}`) },
                values.map((value) =>
                    el(
                        "button",
                        {
                            type: "button",
                            "data-choice": `${name}.${value}`,
                            "aria-pressed": String(value === chosen),
                            onclick: () => state.set({ [name]: value === usual ? null : value }),
                        },
                        t(`tasks.${name}.${value}`),
                    ),
                ),
            );
        }

        function add() {
            const box = place("tasks-form");
            const close = () => box.replaceChildren();
            const saved = () => (close(), read());
            journal.fill(box, el("div", { class: "card-box w-box" }, journal.taskForm({ close, saved })));
            box.querySelector("input").focus();
        }

        function draw(tasks) {
            opened = null;
            place("tasks-count").textContent = tasks.length ? journal.number(tasks.length) : "";
            if (!tasks.length) {
                journal.fill(
                    place("tasks-list"),
                    el(
                        "div",
                        { class: "state" },
                        journal.icon("check-circle"),
                        el("h2", {}, t(`tasks.empty.${which()}`)),
                        el("p", {}, t("tasks.empty.hint")),
                    ),
                );
                return;
            }
            journal.fill(place("tasks-list"), el("ul", { class: "w-list card-box" }, tasks.map(row)));
        }

        function row(task) {
            const line = el("li", { class: `w-row${task.done_at ? " is-done" : ""}${task.is_overdue ? " is-overdue" : ""}` });
            show();
            return line;

            function show() {
                journal.fill(
                    line,
                    config.rights.comment && journal.taskCheck(task, read),
                    el(
                        "div",
                        { class: "j-grow" },
                        el("div", { class: "w-title" }, task.title),
                        task.notes && el("div", { class: "j-hint w-notes" }, task.notes),
                        el(
                            "div",
                            { class: "w-about" },
                            journal.taskDue(task),
                            task.remind_at &&
                                !task.done_at &&
                                el("span", { class: "j-hint number" }, journal.icon("bell"), journal.when(task.remind_at)),
                            about(task),
                            el("span", { class: "j-hint" }, journal.icon("person"), task.owner || (task.is_mine ? t("task.me") : task.created_by)),
                        ),
                    ),
                    config.rights.comment && journal.button("pencil", t("task.edit"), edit),
                );
            }

            function edit() {
                opened = task.task_id;
                const close = () => {
                    opened = null;
                    show();
                };
                journal.fill(line, journal.taskForm({ task, close, saved: () => read() }));
                line.querySelector("input").focus();
            }
        }

        function about(task) {
            if (!task.subject) return null;
            const { kind, id } = task.subject;
            const path = { call: "/calls/", chat: "/chats/", account: "/clients/" }[kind] + encodeURIComponent(id);
            const icon = { call: "telephone", chat: "chat-dots", account: "building" }[kind];
            return el(
                "a",
                { href: path, class: "w-link", onclick: (event) => (event.preventDefault(), journal.go(path)) },
                journal.icon(icon),
                task.about || t(`tasks.about.${kind}`),
            );
        }

        function fail(error) {
            journal.fill(place("tasks-list"), journal.failed(error, read));
        }
    }

    Object.assign((window.dash_clientside.tasks = window.dash_clientside.tasks || {}), {
        start(config) {
            start(config);
            return window.dash_clientside.no_update;
        },
    });
})();
