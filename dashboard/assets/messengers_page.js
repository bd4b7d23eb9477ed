/* Settings of messengers: accounts with their state and a test of the connection, ready answers, templates. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const RULES = ["greeting", "out_of_hours", "nobody_answers", "closing"];
    const ASKED_EVERY_MS = 700;
    const ASKED_FOR_MS = 60000;

    function start(config) {
        journal.leave();
        journal.config = config;
        const place = () => document.getElementById("messengers-list");
        const isHere = () => journal.config === config && place() !== null;
        let found = null; // what the server told last
        let opened = null; // what somebody works in: hints draw nothing anew while it is open
        let told = null; // secrets of an account that are shown this once
        if (!isHere()) return;

        const read = journal.coalesce(async () => {
            try {
                found = await journal.request("/api/messengers");
                if (isHere()) draw();
            } catch (error) {
                if (isHere()) fail(error);
            }
        });
        journal.hints({ link: () => opened === null && read(), hooks: () => opened === null && read() });
        read();

        function draw() {
            journal.fill(place(), accounts(), found.accounts.length > 0 && window.callboardTrouble(found, act), replies(), found.accounts.length > 0 && templates());
        }

        function show(what) {
            opened = what;
            draw();
            const first = place().querySelector("form .j-input");
            if (what && first) first.focus();
        }

        async function act(path, options, done) {
            try {
                const answer = await journal.request(path, options);
                opened = null;
                if (done) done(answer);
                read();
            } catch (error) {
                journal.toast(error.message, "error");
            }
        }

        /* -------------------------------------------------------------- accounts */

        function accounts() {
            const lines = found.accounts.map((one) => (opened === one.account ? line(accountForm(one)) : account(one)));
            return el(
                "section",
                { class: "w-page", "aria-labelledby": "messengers-accounts" },
                heading("messengers-accounts", t("accounts"), opened !== "new" && t("add"), () => show("new")),
                opened === "new" && el("div", { class: "card w-box" }, accountForm(null)),
                lines.length
                    ? el("ul", { class: "w-list card" }, lines)
                    : opened !== "new" && empty("chat-dots", t("none"), t("none.hint")),
            );
        }

        function account(one) {
            const kind = found.kinds[one.messenger];
            const missing = kind.secrets.filter((secret) => secret.required && !one.secrets.includes(secret.name));
            const answer = el("div", { class: "j-hint", role: "status" }, one.state_detail || "");
            const test = quiet("arrow-left-right", t("test"), () => ask(one, "messenger_check", test, answer));
            test.disabled = !one.enabled;
            return line(
                el(
                    "div",
                    { class: "j-grow w-form" },
                    el("div", { class: "w-bar" }, el("strong", { class: "w-title" }, one.title), t(`kind.${one.messenger}`), state(one)),
                    missing.length > 0 &&
                        el("div", { role: "alert" }, t("secrets.missing", { names: missing.map(fieldWords).join(", ") })),
                    told && told.account === one.account && shownOnce(told.made),
                    needsAddress(one) && copied(t("hook"), new URL(one.hook, location.origin).href),
                    answer,
                    el(
                        "div",
                        { class: "w-bar" },
                        test,
                        quiet(one.enabled ? "pause-fill" : "play-fill", t(one.enabled ? "disable" : "enable"), () =>
                            act(path(one), { method: "PUT", json: { ...kept(one), enabled: !one.enabled } }),
                        ),
                        kind.secrets
                            .filter((secret) => secret.ours)
                            .map((secret) => quiet("arrow-clockwise", t("renew", { name: fieldWords(secret) }), () => renew(one, secret))),
                    ),
                ),
                journal.button("pencil", t("change", { title: one.title }), () => show(one.account)),
                journal.button("trash", t("remove", { title: one.title }), (event) =>
                    sure(event, t("remove.ask", { title: one.title }), () =>
                        act(path(one), { method: "DELETE", json: { version: one.version } }),
                    ),
                ),
            );
        }

        function state(one) {
            const [look, icon] = !one.enabled
                ? ["", "pause-fill"]
                : { working: ["is-answered", "check2"], failing: ["is-missed", "exclamation-triangle"], unknown: ["", "circle"] }[one.state];
            return el("span", { class: `pill ${look}` }, journal.icon(icon), t(`state.${one.enabled ? one.state : "off"}`));
        }

        function needsAddress(one) {
            return one.messenger !== "telegram" || one.connection.way === "webhook";
        }

        function path(one) {
            return `/api/messengers/${encodeURIComponent(one.account)}`;
        }

        function kept(one) {
            return { title: one.title, connection: one.connection, version: one.version };
        }

        function accountForm(one) {
            const names = Object.keys(found.kinds);
            const messenger = choice(names, one ? one.messenger : names[0], (name) => t(`kind.${name}`));
            const title = input({ value: one ? one.title : "", maxlength: "300", required: true });
            const account = input({ maxlength: "32", required: true, pattern: "[a-z0-9][a-z0-9_\\-]*", placeholder: "main" });
            const enabled = el("input", { type: "checkbox", class: "w-check" });
            enabled.checked = one ? one.enabled : true;
            const special = el("div", { class: "w-form" });
            const said = automation(one ? one.automation : { on: true, after_min: 10, escalate_min: 30, escalate_to: [], routing: {} });
            let controls = {};
            let secrets = {};
            messenger.addEventListener("change", fields);
            fields();
            const form = el(
                "form",
                { class: "w-form j-grow" },
                !one && labelled(t("messenger"), messenger),
                labelled(t("title"), title),
                !one && labelled(t("account"), account, t("account.hint")),
                special,
                said.root,
                el("label", { class: "w-bar" }, enabled, t("enabled")),
                submitRow(),
            );
            form.addEventListener("submit", (event) => {
                event.preventDefault();
                const json = {
                    title: title.value,
                    connection: values(controls),
                    secrets: values(secrets),
                    enabled: enabled.checked,
                    automation: said.value(),
                    ...(one ? { version: one.version } : { account: account.value.trim(), messenger: messenger.value }),
                };
                act(one ? path(one) : "/api/messengers", { method: one ? "PUT" : "POST", json }, remember);
            });
            return closing(form);

            function fields() {
                const kind = found.kinds[one ? one.messenger : messenger.value];
                controls = {};
                secrets = {};
                journal.fill(
                    special,
                    kind.fields.map((field) => {
                        const present = one ? one.connection[field.name] : field.default;
                        const control = field.choices.length
                            ? choice(field.choices, present || field.default, (value) => t(`choice.${value}`))
                            : input({ value: present, maxlength: "500", required: field.required });
                        controls[field.name] = control;
                        return labelled(fieldWords(field), control);
                    }),
                    kind.secrets
                        .filter((secret) => !secret.ours)
                        .map((secret) => {
                            const has = Boolean(one && one.secrets.includes(secret.name));
                            const control = input({ type: "password", autocomplete: "new-password", required: secret.required && !has });
                            secrets[secret.name] = control;
                            return labelled(fieldWords(secret), control, has ? t("secret.kept") : t("secret.hint"));
                        }),
                );
            }
        }

        function automation(present) {
            const on = el("input", { type: "checkbox", class: "w-check" });
            on.checked = present.on;
            const minutes = input({ type: "number", min: "1", max: "1440", required: true, value: String(present.after_min) });
            const texts = RULES.map((rule) => {
                const area = el("textarea", { class: "j-input", rows: "2", maxlength: "1000" });
                area.value = present[rule] || "";
                return [rule, area];
            });
            const signature = input({ maxlength: "100", value: present.signature || "" });
            const escalation = input({ maxlength: "1000", value: present.escalation || "" });
            const late = input({ type: "number", min: "1", max: "1440", required: true, value: String(present.escalate_min) });
            const toldTo = people(t("escalation.to"), present.escalate_to, t("escalation.hint"));
            const routed = routing(present.routing);
            const root = el(
                "div",
                { class: "w-form" },
                el(
                    "fieldset",
                    { class: "w-form" },
                    el("legend", {}, t("automation")),
                    el("span", { class: "j-hint" }, t("automation.hint")),
                    el("label", { class: "w-bar" }, on, t("automation.on")),
                    texts.map(([rule, area]) => labelled(t(`automation.${rule}`), area)),
                    labelled(t("automation.after"), minutes),
                ),
                el(
                    "fieldset",
                    { class: "w-form" },
                    el("legend", {}, t("escalation")),
                    toldTo.root,
                    labelled(t("escalation.text"), escalation),
                    labelled(t("automation.after"), late),
                ),
                routed.root,
                el("fieldset", { class: "w-form" }, el("legend", {}, t("signature")), labelled(t("signature.text"), signature, t("signature.hint"))),
            );
            const value = () => ({
                on: on.checked,
                after_min: Number(minutes.value),
                ...Object.fromEntries(texts.map(([rule, area]) => [rule, area.value])),
                escalation: escalation.value,
                escalate_min: Number(late.value),
                escalate_to: toldTo.value(),
                routing: routed.value(),
                signature: signature.value,
            });
            return { root, value };
        }

        /* Who gets the chats that wait. */
        function routing(present) {
            const rules = el("div", { class: "w-form" });
            const byClient = el("input", { type: "checkbox", class: "w-check" });
            byClient.checked = Boolean(present.by_client);
            const shared = people(t("routing.shared"), present.employee_ids || [], t("routing.shared.hint"));
            const most = input({ type: "number", min: "0", max: "1000", required: true, value: String(present.most_chats || 0) });
            const add = (rule) => {
                const words = input({ maxlength: "500", required: true, value: rule.words || "" });
                const to = people(t("routing.to"), rule.employee_ids || []);
                const row = el("div", { class: "w-form" }, labelled(t("routing.words"), words, t("routing.words.hint")), to.root);
                row.append(el("div", { class: "w-bar" }, quiet("trash", t("routing.remove"), () => row.remove())));
                row.value = () => ({ words: words.value, employee_ids: to.value() });
                rules.append(row);
                return words;
            };
            (present.by_word || []).forEach(add);
            const root = el(
                "fieldset",
                { class: "w-form" },
                el("legend", {}, t("routing")),
                el("span", { class: "j-hint" }, t("routing.hint")),
                rules,
                el("div", { class: "w-bar" }, quiet("plus-lg", t("routing.add"), () => add({}).focus())),
                el("label", { class: "w-bar" }, byClient, t("routing.client")),
                shared.root,
                labelled(t("routing.most"), most),
            );
            const value = () => ({
                by_word: Array.from(rules.children, (row) => row.value()),
                by_client: byClient.checked,
                employee_ids: shared.value(),
                most_chats: Number(most.value),
            });
            return { root, value };
        }

        /* Those who work here, several to be chosen; who left meanwhile is dropped at the next save. */
        function people(words, chosen, hint) {
            const boxes = found.employees.map((one) => {
                const box = el("input", { type: "checkbox", class: "w-check", value: one.employee_id });
                box.checked = chosen.includes(one.employee_id);
                return [box, el("label", { class: "w-bar" }, box, one.name)];
            });
            const root = el(
                "div",
                { class: "w-field", role: "group", "aria-label": words },
                el("span", { class: "j-hint" }, words),
                el("div", { class: "ms-people" }, boxes.map(([, label]) => label)),
                hint && el("span", { class: "j-hint" }, hint),
            );
            return { root, value: () => boxes.filter(([box]) => box.checked).map(([box]) => box.value) };
        }

        function remember(answer) {
            if (answer.made && Object.keys(answer.made).length) told = answer;
        }

        function renew(one, secret) {
            act(`${path(one)}/secrets`, { json: { name: secret.name } }, remember);
        }

        function shownOnce(made) {
            return el(
                "div",
                { class: "w-form", role: "alert" },
                el("div", {}, t("made")),
                Object.entries(made).map(([name, value]) => copied(fieldWords({ name }), value)),
            );
        }

        function copied(label, value) {
            const field = input({ value, readonly: true, "aria-label": label });
            field.addEventListener("focus", () => field.select());
            const copy = async () => {
                try {
                    await navigator.clipboard.writeText(value);
                    journal.toast(t("copied"));
                } catch {
                    field.focus(); // without https there is no clipboard: it is marked for the keyboard
                }
            };
            return el("div", { class: "w-bar" }, el("span", { class: "j-hint" }, label), el("span", { class: "ms-copied" }, field, journal.button("copy", t("copy", { label }), copy)));
        }

        async function ask(one, what, button, place) {
            button.disabled = true;
            place.textContent = t("asking");
            const until = Date.now() + ASKED_FOR_MS;
            try {
                const { order } = await journal.request(`${path(one)}/ask`, { json: { what } });
                for (;;) {
                    const answer = await journal.request(`/api/messengers/asked/${what}/${order}`);
                    if (!isHere()) return;
                    if (answer.done) {
                        place.textContent = "";
                        if (answer.works && what === "messenger_check") journal.toast(t("works", { answer: answer.answer || "" }));
                        else if (answer.works) journal.toast(t("synced", { n: Number(answer.answer), count: answer.answer }));
                        else journal.toast(t("fails", { answer: answer.answer || "" }), "error");
                        break;
                    }
                    if (Date.now() > until) {
                        journal.toast(t("silent"), "error");
                        break;
                    }
                    await new Promise((done) => setTimeout(done, ASKED_EVERY_MS));
                }
            } catch (error) {
                journal.toast(error.message, "error");
            }
            button.disabled = false;
            if (opened === null) read();
        }

        /* -------------------------------------------------------------- ready answers */

        function replies() {
            const lines = found.replies.map((one) => (opened === one.reply_id ? line(replyForm(one)) : reply(one)));
            return el(
                "section",
                { class: "w-page", "aria-labelledby": "messengers-replies" },
                heading("messengers-replies", t("replies"), opened !== "reply" && t("reply.add"), () => show("reply")),
                opened === "reply" && el("div", { class: "card w-box" }, replyForm(null)),
                lines.length
                    ? el("ul", { class: "w-list card" }, lines)
                    : opened !== "reply" && empty("chat-left-text-fill", t("replies.none"), t("replies.hint")),
            );
        }

        function reply(one) {
            const where = found.accounts.find((account) => account.account === one.account);
            return line(
                el(
                    "div",
                    { class: "j-grow" },
                    el("div", { class: "w-bar" }, el("code", {}, `/${one.shortcut}`), el("strong", { class: "w-title" }, one.title)),
                    el("div", { class: "w-notes" }, one.text),
                    one.account && el("div", { class: "j-hint" }, where ? where.title : one.account),
                ),
                journal.button("pencil", t("change", { title: one.title }), () => show(one.reply_id)),
                journal.button("trash", t("remove", { title: one.title }), (event) =>
                    sure(event, t("reply.remove", { title: one.title }), () => act(replyPath(one), { method: "DELETE" })),
                ),
            );
        }

        function replyPath(one) {
            return `/api/messengers/replies/${encodeURIComponent(one.reply_id)}`;
        }

        function replyForm(one) {
            const shortcut = input({ value: one ? one.shortcut : "", maxlength: "33", required: true });
            const title = input({ value: one ? one.title : "", maxlength: "300" });
            const text = el("textarea", { class: "j-input", rows: "4", maxlength: "4096", required: true });
            text.value = one ? one.text : "";
            const known = found.accounts.map((account) => account.account);
            const titles = Object.fromEntries(found.accounts.map((account) => [account.account, account.title]));
            const account = choice(["", ...known], (one && one.account) || "", (name) => (name ? titles[name] : t("everywhere")));
            const form = el(
                "form",
                { class: "w-form j-grow" },
                labelled(t("reply.shortcut"), shortcut, t("reply.shortcut.hint")),
                labelled(t("title"), title),
                labelled(t("reply.text"), text),
                labelled(t("reply.where"), account),
                submitRow(),
            );
            form.addEventListener("submit", (event) => {
                event.preventDefault();
                const json = { shortcut: shortcut.value, title: title.value, text: text.value, account: account.value };
                act(one ? replyPath(one) : "/api/messengers/replies", { method: one ? "PUT" : "POST", json });
            });
            return closing(form);
        }

        /* -------------------------------------------------------------- templates */

        function templates() {
            const able = found.accounts.filter((one) => found.kinds[one.messenger].templates);
            if (!able.length) return false;
            const status = el("span", { class: "j-hint", role: "status" });
            return el(
                "section",
                { class: "w-page", "aria-labelledby": "messengers-templates" },
                el(
                    "div",
                    { class: "w-bar" },
                    el("h2", { id: "messengers-templates" }, t("templates")),
                    able.map((one) => {
                        const sync = quiet("arrow-clockwise", t("sync", { title: one.title }), () =>
                            ask(one, "messenger_templates", sync, status),
                        );
                        sync.disabled = !one.enabled;
                        return sync;
                    }),
                    status,
                ),
                found.templates.length
                    ? el(
                          "ul",
                          { class: "w-list card" },
                          found.templates.map((one) =>
                              line(
                                  el(
                                      "div",
                                      { class: "j-grow" },
                                      el("div", { class: "w-bar" }, el("strong", { class: "w-title" }, one.name), one.language, templateState(one)),
                                      el("div", { class: "w-notes" }, one.body),
                                  ),
                              ),
                          ),
                      )
                    : empty("list", t("templates.none"), t("templates.hint")),
            );
        }

        function templateState(one) {
            const look = { approved: "is-answered", rejected: "is-missed" }[one.state] || "";
            return el("span", { class: `pill ${look}` }, journal.word(`template.${one.state}`, one.state));
        }

        /* -------------------------------------------------------------- parts */

        function heading(id, words, action, onclick) {
            return el(
                "div",
                { class: "w-bar" },
                el("h2", { id }, words),
                action && el("button", { type: "button", class: "button is-primary", onclick }, journal.icon("plus-lg"), action),
            );
        }

        function line(...parts) {
            return el("li", { class: "w-row" }, parts);
        }

        function empty(icon, words, hint) {
            return el("div", { class: "state" }, journal.icon(icon), el("h2", {}, words), el("p", { class: "muted" }, hint));
        }

        function labelled(words, control, hint) {
            return el("label", { class: "w-field" }, el("span", { class: "j-hint" }, words), control, hint && el("span", { class: "j-hint" }, hint));
        }

        function input(extra) {
            return el("input", { type: "text", class: "j-input", autocomplete: "off", ...extra });
        }

        function choice(names, chosen, words) {
            const select = el("select", { class: "j-input" }, names.map((name) => el("option", { value: name }, words(name))));
            select.value = chosen;
            return select;
        }

        function quiet(icon, words, onclick) {
            return el("button", { type: "button", class: "button is-quiet", onclick }, journal.icon(icon), words);
        }

        function submitRow() {
            return el(
                "div",
                { class: "w-actions" },
                el("button", { type: "submit", class: "button is-primary" }, journal.icon("check2"), t("save")),
                el("button", { type: "button", class: "button is-quiet", onclick: () => show(null) }, t("cancel")),
            );
        }

        function closing(form) {
            form.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), show(null)));
            return form;
        }

        function sure(event, words, yes) {
            const root = event.currentTarget.closest("li");
            opened = "sure";
            const agree = el("button", { type: "button", class: "button is-danger", onclick: yes }, journal.icon("trash"), t("remove.sure"));
            journal.fill(root, el("div", { class: "j-grow", role: "alert" }, words), agree, quiet("x", t("cancel"), () => show(null)));
            agree.focus();
        }

        function fieldWords(field) {
            return journal.word(`field.${field.name}`, field.name);
        }

        function values(controls) {
            return Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.value.trim()]));
        }

        function fail(error) {
            journal.fill(place(), journal.failed(error, read));
        }
    }

    Object.assign((window.dash_clientside.messengers = window.dash_clientside.messengers || {}), {
        start(config) {
            start(config);
            return window.dash_clientside.no_update;
        },
    });
})();
