/* Missed callers who wait: the oldest first, taken, called back, given up. State is in the address. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el } = journal;
    // Words of this page first, then those that all pages share.
    const t = (key, values) => journal.t(`cb.${key}` in journal.config.words ? `cb.${key}` : key, values);

    const WHOSE = ["all", "mine", "free"];
    const STATES = ["open", "dismissed"];
    const TICK_MS = 20000; // waiting times grow

    function start(config) {
        journal.leave();
        journal.config = config;
        const place = (id) => document.getElementById(id);
        const isHere = () => journal.config === config && place("callbacks-list") !== null;
        const state = journal.state;
        let shown = [];
        let callBack = {};
        let opened = null; // whose reasons are asked for
        if (!isHere()) return;

        const whose = () => (WHOSE.includes(state.get("whose")) ? state.get("whose") : "all");
        const which = () => (STATES.includes(state.get("state")) ? state.get("state") : "open");

        const read = journal.coalesce(async () => {
            try {
                const query = new URLSearchParams({ whose: whose(), state: which(), fresh: "1" });
                const answer = await journal.request(`/api/callbacks?${query}`);
                if (!isHere()) return;
                callBack = answer.call_back;
                shown = answer.episodes;
                if (window.callboard.showWaiting) window.callboard.showWaiting(answer.count);
                if (opened === null) draw();
            } catch (error) {
                if (isHere()) fail(error);
            }
        }, 1000);

        state.onChange(() => ((opened = null), bar(), read()));
        journal.hints({ calls: read, callbacks: read, clients: read });
        const timer = setInterval(() => isHere() && opened === null && shown.length && draw(), TICK_MS);
        journal.onLeave(() => clearInterval(timer));
        journal.keyboard({
            j: () => step(1),
            ArrowDown: () => step(1),
            k: () => step(-1),
            ArrowUp: () => step(-1),
            Enter: () => act((one) => journal.go(path(one))),
            c: () => act((one, row) => row.querySelector("[data-do=call]")?.click()),
            t: () => act((one, row) => row.querySelector("[data-do=take], [data-do=give-back]")?.click()),
            d: () => act((one, row) => row.querySelector("[data-do=dismiss]")?.click()),
        });
        bar();
        read();

        function bar() {
            const held = document.activeElement && document.activeElement.dataset.choice;
            journal.fill(
                place("callbacks-filters"),
                choice("whose", WHOSE, whose(), "all"),
                choice("state", STATES, which(), "open"),
            );
            if (held) place("callbacks-filters").querySelector(`[data-choice="${held}"]`)?.focus();
        }

        function choice(name, values, chosen, usual) {
            return el(
                "div",
                { class: "segmented", role: "group", "aria-label": t(name) },
                values.map((value) =>
                    el(
                        "button",
                        {
                            type: "button",
                            "data-choice": `${name}.${value}`,
                            "aria-pressed": String(value === chosen),
                            onclick: () => state.set({ [name]: value === usual ? null : value }),
                        },
                        t(`${name}.${value}`),
                    ),
                ),
            );
        }

        /* The row that has the keyboard: itself focused, or something in it. */
        const rows = () => [...place("callbacks-list").querySelectorAll(".cb-row")];
        const present = () => rows().findIndex((row) => row.contains(document.activeElement));

        function step(by) {
            const all = rows();
            if (!all.length) return false;
            all[Math.min(Math.max(present() + by, 0), all.length - 1)].focus();
        }

        function act(action) {
            const row = rows()[present()];
            if (!row) return false;
            action(shown.find((one) => one.call_id === row.dataset.call), row);
        }

        function draw() {
            const at = rows()[present()];
            const held = at && at.dataset.call;
            const control = at && document.activeElement.dataset.do;
            place("callbacks-count").textContent = shown.length ? journal.number(shown.length) : "";
            if (!shown.length) {
                journal.fill(
                    place("callbacks-list"),
                    el(
                        "div",
                        { class: "state" },
                        journal.icon("check-circle"),
                        el("h2", {}, t(`empty.${which()}`)),
                        el("p", {}, t(`empty.${whose()}-hint`)),
                    ),
                );
                return;
            }
            journal.fill(place("callbacks-list"), el("ul", { class: "w-list card-box cb-list" }, shown.map(row)));
            if (!held) return;
            const again = rows().find((one) => one.dataset.call === held) || rows()[0];
            (again.querySelector(`[data-do="${control}"]`) || again).focus();
        }

        function row(one) {
            const line = el("li", {
                class: `w-row cb-row${one.is_late ? " is-late" : ""}`,
                tabindex: "-1",
                "data-call": one.call_id,
            });
            journal.fill(
                line,
                el("div", { class: "j-grow" }, el("div", { class: "cb-who" }, who(one), late(one)), about(one)),
                el("div", { class: "cb-does" }, doing(one)),
            );
            return line;

            function doing() {
                if (one.dismissal) return may() && button("arrow-counterclockwise", "restore", () => send("restore"));
                return [
                    button("telephone-outbound", "call", call, { disabled: Boolean(callBack.reason), class: "button is-primary" }),
                    may() && one.is_mine && button("arrow-return-left", "give-back", () => send("give-back")),
                    may() && !one.is_mine && one.may_take && button("person-plus", "take", () => send("take")),
                    may() && button("check2", "dismiss", ask),
                ];
            }

            function may() {
                return config.rights.comment;
            }

            function button(icon, name, onclick, extra) {
                const hint = name === "call" && callBack.reason ? callBack.reason : t(`do.${name}-hint`);
                return el(
                    "button",
                    { type: "button", class: "button", "data-do": name, title: hint, onclick, ...extra },
                    journal.icon(icon),
                    el("span", { class: "cb-word" }, t(`do.${name}`)),
                );
            }

            function call() {
                // Who calls takes care, unless somebody does already.
                if (may() && !one.owner) send("take");
                window.callboard.dial({ call_id: one.call_id });
            }

            async function send(action, more) {
                for (const each of line.querySelectorAll("[data-do]")) each.disabled = true;
                try {
                    const address = `/api/callbacks/${encodeURIComponent(one.call_id)}/${action}`;
                    await journal.request(address, { json: { version: one.version, ...more } });
                    if (action === "dismiss") journal.toast(t("dismissed", { who: one.client || one.number_text }));
                } catch (error) {
                    const taken = error.status === 409 ? t("conflict-here") : error.status === 404 ? t("gone") : error.message;
                    journal.toast(taken, "error");
                }
                opened = null;
                read();
            }

            function ask() {
                opened = one.call_id;
                const reason = el(
                    "select",
                    { class: "j-input", "aria-label": t("reason") },
                    config.reasons.map((name) => el("option", { value: name }, t(`reason.${name}`))),
                );
                const note = el("input", {
                    type: "text",
                    class: "j-input j-grow",
                    maxlength: 500,
                    placeholder: t("note"),
                    "aria-label": t("note"),
                });
                const close = () => {
                    opened = null;
                    draw();
                };
                const form = el(
                    "form",
                    {
                        class: "cb-form",
                        onsubmit: (event) => {
                            event.preventDefault();
                            if (reason.value === "other" && !note.value.trim()) return note.focus();
                            send("dismiss", { reason: reason.value, note: note.value });
                        },
                        onkeydown: (event) => {
                            if (event.key !== "Escape") return;
                            event.stopPropagation();
                            close();
                        },
                    },
                    reason,
                    note,
                    el("button", { type: "submit", class: "button is-primary" }, t("do.dismiss")),
                    el("button", { type: "button", class: "button", onclick: close }, t("cancel")),
                );
                line.append(form);
                reason.focus();
            }
        }

        const path = (one) => `/calls/${encodeURIComponent(one.call_id)}`;

        function who(one) {
            const name = one.client
                ? link(`/clients/${one.account_id}`, one.client)
                : el("span", { class: "w-title" }, one.caller_name || one.number_text);
            const number = (one.client || one.caller_name) && el("span", { class: "number cb-number" }, one.number_text);
            return [name, one.contact && el("span", { class: "j-hint" }, one.contact), number];
        }

        function late(one) {
            if (one.dismissal) return null;
            const seconds = (new Date(one.deadline_at) - Date.now()) / 1000;
            const words = one.is_late || seconds < 0
                ? t("late", { time: rough(-seconds) })
                : t("until", { when: journal.when(one.deadline_at) });
            return el(
                "span",
                { class: `pill number ${one.is_late || seconds < 0 ? "is-lost" : "is-cancelled"}` },
                journal.icon(one.is_late ? "exclamation-circle" : "clock"),
                words,
            );
        }

        function about(one) {
            return el(
                "div",
                { class: "w-about" },
                link(path(one), t("missed", { when: journal.when(one.missed_at) }), "telephone-x"),
                hint("clock", t("waits", { time: rough((Date.now() - new Date(one.missed_at)) / 1000) })),
                one.misses > 1 && hint("arrow-clockwise", t("misses", { n: one.misses })),
                one.queue && hint("people", one.queue),
                one.line && hint("telephone", one.line),
                one.attempts > 0 &&
                    hint("telephone-outbound", t("attempts", { n: one.attempts }) + ", " + journal.when(one.last_tried_at)),
                one.owner
                    ? hint("person-circle", one.is_mine ? t("mine") : one.owner)
                    : one.responsible && hint("person", t("responsible", { name: one.responsible })),
                one.dismissal &&
                    hint(
                        "check2",
                        [t(`reason.${one.dismissal.reason}`), one.dismissal.note, one.dismissal.by, journal.when(one.dismissal.at)]
                            .filter(Boolean)
                            .join(" · "),
                    ),
            );
        }

        const hint = (icon, text) => el("span", { class: "j-hint number" }, journal.icon(icon), text);

        function link(address, text, icon) {
            return el(
                "a",
                { href: address, class: "w-link", onclick: (event) => (event.preventDefault(), journal.go(address)) },
                icon && journal.icon(icon),
                text,
            );
        }

        function rough(seconds) {
            const minutes = Math.max(1, Math.floor(seconds / 60));
            if (minutes < 60) return t("minutes", { n: minutes });
            if (minutes < 48 * 60) return t("hours", { n: Math.floor(minutes / 60) });
            return t("days", { n: Math.floor(minutes / 1440) });
        }

        function fail(error) {
            journal.fill(place("callbacks-list"), journal.failed(error, read));
        }
    }

    Object.assign((window.dash_clientside.callbacks = window.dash_clientside.callbacks || {}), {
        start(config) {
            start(config);
            return window.dash_clientside.no_update;
        },
    });
})();
