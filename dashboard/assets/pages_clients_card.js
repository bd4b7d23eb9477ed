/* The card of a client: what is known of him, changed where it stands, with conflicts shown. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const clients = window.callboardClients;
    const { el, t } = journal;

    clients.lookUp = (number) => journal.request(`/api/clients/numbers?${new URLSearchParams({ number })}`);

    clients.page("startCard", "client-card", async function (config, isHere) {
        const place = (id) => document.getElementById(id);
        const path = `/api/clients/${config.account_id}`;
        const may = config.rights.edit_clients;
        let card = null;
        let comment = null;
        let editing = false;

        const feed = clients.feed(place("client-feed"), config.account_id, isHere);
        journal.fill(place("client-card"), clients.skeleton(6));
        journal.hints({
            clients: (ids) => (!ids.length || ids.includes(config.account_id)) && again(),
            comments: () => again(),
            calls: () => feed.renew(),
            leads: () => feed.renew(),
            tasks: () => feed.renew(),
            chats: () => again(),
        });
        journal.keyboard({
            e: () => may && card && edit(),
            c: () => comment && comment.field.focus(),
            Escape: () => (editing ? draw() : journal.go("/clients")),
            "g j": () => journal.go("/calls"),
            "g k": () => journal.go("/clients"),
        });
        await read();

        async function read() {
            try {
                const found = await journal.request(path);
                if (isHere()) take(found);
            } catch (error) {
                if (isHere()) journal.fill(place("client-card"), clients.failed(error, read));
            }
        }

        /* Somebody changed something: unsaved words stay, everything else is drawn anew. */
        async function again() {
            feed.renew();
            const found = await journal.request(path).catch(() => null);
            if (!found || !isHere()) return;
            if (comment) comment.refresh(found.comment);
            const dirty = comment && comment.isDirty();
            if (editing || dirty || place("client-card").querySelector(".c-form, .w-form")) return;
            take(found);
        }

        function take(found) {
            card = found;
            editing = false;
            head();
            merged();
            draw();
        }

        function head() {
            place("client-name").textContent = card.name;
            place("client-about").textContent = [
                t(`c.kind.${card.kind}`),
                card.responsible && t("c.looks-after", { name: card.responsible }),
                t("c.changed-by", { when: clients.since(card.changed_at), who: clients.who(card.changed_by) }),
            ]
                .filter(Boolean)
                .join(" · ");
            const [chat] = config.has_chats ? card.chats : [];
            const noChat = !config.rights.chat ? "forbidden" : config.has_chats ? "no-chat" : "not-ready";
            journal.fill(
                place("client-tools"),
                el(
                    "button",
                    {
                        type: "button",
                        class: "j-button",
                        disabled: Boolean(card.call_back.reason),
                        title: card.call_back.reason || card.numbers[0].number_text,
                        onclick: () => window.callboard.dial({ number: card.numbers[0].number }),
                    },
                    journal.icon("telephone-outbound"),
                    t("c.call-back"),
                ),
                chat
                    ? el(
                          "a",
                          { class: "j-button", href: `/chats/${chat.chat_id}` },
                          journal.icon("chat-dots"),
                          t("c.write"),
                      )
                    : el(
                          "button",
                          {
                              type: "button",
                              class: "j-button",
                              disabled: true,
                              title: t(`c.write.${noChat}`),
                          },
                          journal.icon("chat-dots"),
                          t("c.write"),
                      ),
                may && journal.button("copy", t("c.merge"), () => clients.chooseAndMerge(card)),
                journal.button("link-45deg", t("copy-link"), () =>
                    navigator.clipboard.writeText(window.location.href).then(() => journal.toast(t("link-copied"))),
                ),
            );
        }

        /* What was merged in within the last day can be taken apart here. */
        function merged() {
            journal.fill(
                place("client-note"),
                card.merged.map((one) => {
                    const undo = clients.button(t("c.merge.undo"), () =>
                        clients.act(undo, async () => {
                            const done = await journal.request(`/api/clients/merges/${one.merge_id}/undo`, {
                                json: {},
                            });
                            journal.toast(t("c.merge.undone", { name: one.name }));
                            await again();
                            return done;
                        }),
                    );
                    return el(
                        "div",
                        { class: "notice c-merged" },
                        journal.icon("info-circle"),
                        el(
                            "span",
                            { class: "j-grow" },
                            t("c.merge.done-by", {
                                name: one.name,
                                who: clients.who(one.merged_by),
                                when: clients.since(one.merged_at),
                            }),
                        ),
                        may && undo,
                    );
                }),
            );
        }

        function draw() {
            editing = false;
            const redraw = () => read();
            comment = journal.commentBox(null, card.comment, () => feed.renew(), path);
            if (config.rights.comment) comment.field.placeholder = t("c.comment.placeholder");
            journal.fill(
                place("client-card"),
                facts(),
                clients.numbers(card, may, redraw),
                clients.people(card, may, redraw),
                comment.root,
                journal.taskSection({ kind: "account", id: card.account_id }, t("task.about-client", { name: card.name })),
            );
        }

        function facts() {
            const mails = card.emails.map((one) => el("div", {}, el("a", { href: `mailto:${one}` }, one)));
            const terms = [
                [t("c.kind"), t(`c.kind.${card.kind}`)],
                [t("c.responsible"), card.responsible],
                [t("c.tags"), card.tags.length && card.tags.map((title) => clients.tag({ title }))],
                [t("c.emails"), mails.length && mails],
                [t("c.messengers"), card.messengers.length && card.messengers.map((one) => el("div", {}, one))],
                [t("c.notes"), card.notes && el("div", { class: "c-notes" }, card.notes)],
                [t("c.external-id"), card.external_id],
                [t("c.created"), `${journal.when(card.created_at)}, ${clients.who(card.created_by)}`],
            ];
            return el(
                "section",
                { class: "j-section" },
                el(
                    "div",
                    { class: "j-section-head" },
                    el("h3", {}, t("c.facts")),
                    may && el("button", { type: "button", class: "j-link", onclick: edit }, t("c.edit")),
                ),
                el(
                    "dl",
                    { class: "j-facts" },
                    terms.filter(([, value]) => value).map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]),
                ),
            );
        }

        function edit() {
            if (editing) return;
            editing = true;
            const before = { ...card };
            const fields = {
                name: clients.field(t("c.name"), card.name, { maxlength: "300", required: true }),
                kind: clients.choice(
                    t("c.kind"),
                    card.kind,
                    ["organisation", "person"].map((kind) => [kind, t(`c.kind.${kind}`)]),
                ),
                responsible_id: clients.choice(t("c.responsible"), card.responsible_id, [
                    ["", t("c.responsible.none")],
                    ...config.employees.map((one) => [one.id, one.title]),
                    ...(card.responsible_id && !config.employees.some((one) => one.id === card.responsible_id)
                        ? [[card.responsible_id, card.responsible || "?"]]
                        : []),
                ]),
                tags: clients.field(t("c.tags"), card.tags.join(", "), { placeholder: t("c.tags.hint") }),
                emails: clients.field(t("c.emails"), card.emails.join(", "), { placeholder: "name@example.ru" }),
                messengers: clients.field(t("c.messengers"), card.messengers.join(", "), {
                    placeholder: "telegram:@name",
                }),
                notes: clients.field(t("c.notes"), card.notes, { tag: "textarea", rows: "4", maxlength: "10000" }),
                external_id: clients.field(t("c.external-id"), card.external_id, { maxlength: "300" }),
            };
            const error = el("div", {});
            const save = el("button", { type: "submit", class: "j-button is-primary" }, t("c.save"));
            const form = el(
                "form",
                { class: "c-form" },
                Object.values(fields).map((field) => field.root),
                error,
                el("div", { class: "j-row" }, save, clients.button(t("cancel"), () => draw())),
            );
            form.addEventListener("submit", (event) => {
                event.preventDefault();
                send(before.version);
            });
            form.addEventListener("keydown", (event) => {
                if (event.key !== "Escape") return;
                event.stopPropagation();
                draw();
            });
            journal.fill(place("client-card"), form);
            fields.name.input.focus();

            function typed() {
                return {
                    name: fields.name.value(),
                    kind: fields.kind.value(),
                    responsible_id: fields.responsible_id.value(),
                    tags: clients.texts(fields.tags.value()),
                    emails: clients.texts(fields.emails.value()),
                    messengers: clients.texts(fields.messengers.value()),
                    notes: fields.notes.value(),
                    external_id: fields.external_id.value(),
                };
            }

            async function send(version) {
                await clients.act(
                    save,
                    async () => {
                        try {
                            const kept = await journal.request(path, {
                                method: "PUT",
                                json: { ...typed(), version },
                            });
                            if (!isHere()) return;
                            take(kept);
                            feed.renew();
                            journal.toast(t("c.saved"));
                        } catch (problem) {
                            if (problem.status !== 409) throw problem;
                            await conflict();
                        }
                    },
                    error,
                );
            }

            /* Both versions beside each other: what the other wrote, and what happens with mine. */
            async function conflict() {
                const theirs = await journal.request(path);
                const shown = (value) => (Array.isArray(value) ? value.join(", ") : value || "–");
                const differing = Object.keys(fields).filter(
                    (name) => JSON.stringify(theirs[name]) !== JSON.stringify(before[name]),
                );
                const value = (name) =>
                    name === "kind"
                        ? t(`c.kind.${theirs.kind}`)
                        : name === "responsible_id"
                          ? theirs.responsible || "–"
                          : shown(theirs[name]);
                journal.fill(
                    error,
                    el(
                        "div",
                        { class: "j-conflict", role: "alert" },
                        el("p", {}, el("strong", {}, t("c.conflict", { who: clients.who(theirs.changed_by) }))),
                        el(
                            "dl",
                            { class: "j-facts" },
                            differing.map((name) => [el("dt", {}, t(`c.field.${name}`)), el("dd", {}, value(name))]),
                        ),
                        el(
                            "div",
                            { class: "j-row" },
                            clients.button(t("c.take-theirs"), () => take(theirs)),
                            clients.button(t("c.keep-mine"), () => send(theirs.version)),
                        ),
                    ),
                );
            }
        }
    });
})();
