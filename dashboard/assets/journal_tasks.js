/* Tasks wherever there is a call, a chat or a client: the form of one, and the short list of those there are. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    const DUE = ["hour", "today", "tomorrow", "week", "none"];

    /** The local day and time of the office in so many minutes or days, as a field of the browser takes it. */
    function local(moment) {
        return moment ? `${journal.dayOf(moment)}T${journal.clock(moment)}` : "";
    }

    function suggested(name) {
        const today = journal.today();
        if (name === "hour") return local(new Date(Date.now() + 3600e3));
        if (name === "today") return `${today}T18:00`;
        if (name === "tomorrow") return `${journal.addDays(today, 1)}T10:00`;
        if (name === "week") return `${journal.addDays(today, 7)}T10:00`;
        return "";
    }

    let people = null;

    /** Those a task can be given to; asked for once. */
    async function employees() {
        people = people || journal.request("/api/directory").then((answer) => answer.employee);
        return people.catch(() => {
            people = null;
            return [];
        });
    }

    function field(label, control) {
        return el("label", { class: "w-field" }, el("span", { class: "j-hint" }, label), control);
    }

    /**
     * The form of a task. options: task (to change one), subject ({kind, id}), title (proposed), saved(task), close().
     */
    journal.taskForm = function (options) {
        const kept = options.task;
        const title = el("input", {
            type: "text",
            class: "j-input",
            maxlength: 300,
            required: true,
            autofocus: true,
            value: kept ? kept.title : options.title || "",
        });
        // Proposed words are selected, so that typing takes their place.
        if (!kept) title.addEventListener("focus", () => title.select(), { once: true });
        const due = el("input", { type: "datetime-local", class: "j-input", value: local(kept && kept.due_at) });
        const remind = el("input", { type: "datetime-local", class: "j-input", value: local(kept && kept.remind_at) });
        const owner = el("select", { class: "j-input" }, el("option", { value: "" }, t("task.me")));
        const notes = el("textarea", { class: "field", rows: 2, maxlength: 10000 });
        notes.value = (kept && kept.notes) || "";
        const trouble = el("p", { class: "j-hint is-error", role: "alert", hidden: true });
        const save = el("button", { type: "submit", class: "j-button is-primary" }, t("task.save"));
        if (!kept) due.value = suggested("tomorrow");

        employees().then((listed) => {
            for (const one of listed) {
                const chosen = kept && kept.owner_id === one.id;
                owner.append(el("option", { value: one.id, selected: chosen }, one.title));
            }
        });

        const quick = el(
            "div",
            { class: "w-quick" },
            DUE.map((name) =>
                el(
                    "button",
                    { type: "button", class: "chip", onclick: () => (due.value = suggested(name)) },
                    t(`task.due.${name}`),
                ),
            ),
        );
        return el(
            "form",
            { class: "w-form", onsubmit: send },
            field(t("task.title"), title),
            el("div", { class: "w-pair" }, field(t("task.due"), due), field(t("task.remind"), remind)),
            quick,
            field(t("task.owner"), owner),
            field(t("task.notes"), notes),
            trouble,
            el(
                "div",
                { class: "w-actions" },
                save,
                options.close &&
                    el("button", { type: "button", class: "j-button", onclick: options.close }, t("task.cancel")),
            ),
        );

        async function send(event) {
            event.preventDefault();
            save.disabled = true;
            trouble.hidden = true;
            const json = {
                title: title.value,
                notes: notes.value,
                owner_id: owner.value || null,
                due_at: due.value || null,
                remind_at: remind.value || null,
            };
            try {
                const saved = kept
                    ? await journal.request(`/api/tasks/${kept.task_id}`, {
                          method: "PATCH",
                          json: { ...json, version: kept.version },
                      })
                    : await journal.request("/api/tasks", { json: { ...json, subject: options.subject || null } });
                journal.toast(t(kept ? "task.changed" : "task.made"));
                if (options.saved) options.saved(saved);
            } catch (error) {
                trouble.textContent = error.message;
                trouble.hidden = false;
                save.disabled = false;
            }
        }
    };

    /** What a task about a call is called unless one types something else. */
    journal.taskTitle = (row) => t(row.missed ? "task.call-back" : "task.about-call", { name: journal.clientText(row) });

    /** Done or open again; the row shows it at once and goes back where the server refuses. */
    journal.finishTask = async function (task, done) {
        return journal.request(`/api/tasks/${task.task_id}`, {
            method: "PATCH",
            json: { version: task.version, done },
        });
    };

    journal.taskCheck = function (task, changed) {
        const box = el("input", {
            type: "checkbox",
            class: "w-check",
            "aria-label": t("task.done-label", { title: task.title }),
        });
        box.checked = Boolean(task.done_at);
        box.addEventListener("change", async () => {
            box.disabled = true;
            try {
                changed(await journal.finishTask(task, box.checked));
            } catch (error) {
                box.checked = !box.checked;
                box.disabled = false;
                journal.toast(error.message, "error");
            }
        });
        return box;
    };

    /** When a task is due, in words; red where that is over. */
    journal.taskDue = function (task) {
        if (task.done_at) return el("span", { class: "j-hint number" }, t("task.done-at", { when: journal.when(task.done_at) }));
        if (!task.due_at) return null;
        return el(
            "span",
            { class: `j-hint number${task.is_overdue ? " is-error" : ""}` },
            task.is_overdue && journal.icon("exclamation-circle"),
            task.is_overdue ? t("task.overdue", { when: journal.when(task.due_at) }) : journal.when(task.due_at),
        );
    };

    /** The section of a call, chat or client: its tasks, and a button for a new one. */
    journal.taskSection = function (subject, title) {
        const list = el("ul", { class: "w-short" });
        const place = el("div", {});
        const may = journal.config.rights.comment;
        const root = el(
            "section",
            { class: "j-section w-section" },
            el(
                "div",
                { class: "j-section-head" },
                el("h3", {}, t("task.section")),
                may && journal.button("plus-lg", t("task.new"), open, { "data-task-new": true }),
            ),
            list,
            place,
        );
        const read = journal.coalesce(async () => {
            const query = new URLSearchParams({ subject: `${subject.kind}:${subject.id}` });
            const answer = await journal.request(`/api/tasks?${query}`).catch(() => null);
            if (answer) draw(answer.tasks);
        });
        journal.hints({ tasks: () => root.isConnected && read() });
        read();
        return root;

        function draw(found) {
            journal.fill(
                list,
                found.map((task) =>
                    el(
                        "li",
                        { class: task.done_at ? "is-done" : "" },
                        may ? journal.taskCheck(task, read) : null,
                        el("span", { class: "j-grow" }, task.title, " ", journal.taskDue(task)),
                    ),
                ),
            );
        }

        function open() {
            const close = () => place.replaceChildren();
            journal.fill(
                place,
                journal.taskForm({
                    subject,
                    title,
                    close,
                    saved: () => {
                        close();
                        read();
                    },
                }),
            );
            place.querySelector("input").focus();
        }
    };
})();
