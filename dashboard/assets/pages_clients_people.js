/* Numbers and contact persons of a card: added, moved from their owner when asked, let go. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const clients = window.callboardClients;
    const { el, t } = journal;

    /** The section of numbers; changed() is told when something was written. */
    clients.numbers = function (card, may, changed) {
        const path = `/api/clients/${card.account_id}/numbers`;
        const extra = el("div", {});
        const persons = new Map(card.contacts.map((person) => [person.contact_id, person.name]));
        const full = journal.config.rights.full_numbers;
        const list = card.numbers.map((one) =>
            el(
                "li",
                {},
                el(
                    "div",
                    { class: "j-grow" },
                    el("span", { class: "j-tel" }, one.number_text),
                    persons.has(one.contact_id) && el("div", { class: "j-hint" }, persons.get(one.contact_id)),
                    el(
                        "div",
                        { class: "j-hint" },
                        [
                            one.number_class && t(`c.class.${one.number_class}`),
                            one.region,
                            t("c.number.since", { when: clients.since(one.from_at) }),
                        ]
                            .filter(Boolean)
                            .join(" · "),
                    ),
                ),
                !card.call_back.reason &&
                    journal.button("telephone-outbound", t("c.call-back"), () =>
                        window.callboard.dial({ number: one.number }),
                    ),
                full && journal.button("clock", t("c.number.history"), () => history(one.number)),
                may && full && journal.button("x-lg", t("c.number.let-go"), () => letGo(one)),
            ),
        );
        const former = card.former_numbers.length
            ? el(
                  "details",
                  { class: "c-former" },
                  el("summary", {}, t("c.number.former", { n: card.former_numbers.length })),
                  el(
                      "ul",
                      { class: "c-lines" },
                      card.former_numbers.map((one) =>
                          el(
                              "li",
                              {},
                              el(
                                  "div",
                                  { class: "j-grow" },
                                  el("span", { class: "j-tel" }, one.number_text),
                                  el(
                                      "div",
                                      { class: "j-hint" },
                                      t("c.number.from-until", {
                                          from: clients.since(one.from_at),
                                          until: clients.since(one.until_at),
                                      }),
                                  ),
                              ),
                              !card.call_back.reason &&
                    journal.button("telephone-outbound", t("c.call-back"), () =>
                        window.callboard.dial({ number: one.number }),
                    ),
                full && journal.button("clock", t("c.number.history"), () => history(one.number)),
                          ),
                      ),
                  ),
              )
            : null;
        return el(
            "section",
            { class: "j-section" },
            el("div", { class: "j-section-head" }, el("h3", {}, t("c.phones")), may && full && adder()),
            list.length ? el("ul", { class: "c-lines" }, list) : el("p", { class: "j-hint" }, t("c.number.none")),
            former,
            extra,
        );

        function adder() {
            return el("button", { type: "button", class: "j-link", onclick: add }, t("c.add"));
        }

        function add() {
            const number = clients.field(t("c.phone"), "", { type: "tel", placeholder: "+7 912 345-67-89" });
            const person = clients.choice(t("c.number.person"), "", [
                ["", t("c.number.nobody")],
                ...card.contacts.map((one) => [one.contact_id, one.name]),
            ]);
            const answer = el("div", {});
            const save = el("button", { type: "submit", class: "j-button is-primary" }, t("c.number.attach"));
            const form = el(
                "form",
                { class: "c-form" },
                number.root,
                card.contacts.length ? person.root : null,
                answer,
                el("div", { class: "j-row" }, save, clients.button(t("cancel"), () => extra.replaceChildren())),
            );
            form.addEventListener("submit", (event) => {
                event.preventDefault();
                clients.act(save, () => send(false), answer);
            });
            journal.fill(extra, form);
            number.input.focus();

            async function send(move) {
                const typed = number.value().trim();
                if (!move) {
                    const known = await clients.lookUp(typed);
                    if (known.owner && known.owner.account_id !== card.account_id) return ask(known);
                }
                await journal.request(path, { json: { number: typed, contact_id: person.value(), move } });
                extra.replaceChildren();
                journal.toast(t(move ? "c.number.moved" : "c.number.attached"));
                changed();
            }

            /* The number is somebody's: who has it, since when, and what a move means. */
            function ask(known) {
                const move = clients.button(
                    t("c.number.move"),
                    () => clients.act(move, () => send(true), answer),
                    { class: "j-button is-primary" },
                );
                journal.fill(
                    answer,
                    el(
                        "div",
                        { class: "j-conflict c-ask", role: "alert" },
                        el(
                            "p",
                            {},
                            t("c.number.owned", { number: known.number_text }),
                            " ",
                            clients.link(known.owner.account_id, known.owner.name),
                            known.owner.contact ? ` (${known.owner.contact})` : "",
                            ` ${t("c.number.owned-since", { when: journal.when(known.owner.from_at) })}`,
                        ),
                        el("p", { class: "j-hint" }, t("c.number.move.hint")),
                        el(
                            "div",
                            { class: "j-row" },
                            move,
                            clients.button(t("c.number.keep"), () => extra.replaceChildren()),
                        ),
                    ),
                );
                move.focus();
            }
        }

        function letGo(one) {
            const go = clients.button(
                t("c.number.let-go"),
                () =>
                    clients.act(
                        go,
                        async () => {
                            await journal.request(`${path}/${encodeURIComponent(one.number)}`, {
                                method: "DELETE",
                                json: {},
                            });
                            changed();
                        },
                        extra,
                    ),
                { class: "j-button is-primary" },
            );
            journal.fill(
                extra,
                el(
                    "div",
                    { class: "j-conflict c-ask", role: "alert" },
                    el("p", {}, t("c.number.let-go.ask", { number: one.number_text })),
                    el(
                        "div",
                        { class: "j-row" },
                        go,
                        clients.button(t("cancel"), () => extra.replaceChildren()),
                    ),
                ),
            );
            go.focus();
        }

        async function history(number) {
            try {
                const known = await clients.lookUp(`+${number}`).catch(() => clients.lookUp(number));
                clients.dialog(t("c.number.history-of", { number: known.number_text }), () =>
                    el(
                        "ol",
                        { class: "c-lines" },
                        known.owners.map((owner) =>
                            el(
                                "li",
                                {},
                                el(
                                    "div",
                                    { class: "j-grow" },
                                    clients.link(owner.account_id, owner.name),
                                    owner.contact && el("span", { class: "j-hint" }, ` ${owner.contact}`),
                                    el(
                                        "div",
                                        { class: "j-hint" },
                                        owner.until_at
                                            ? t("c.number.from-until", {
                                                  from: journal.when(owner.from_at),
                                                  until: journal.when(owner.until_at),
                                              })
                                            : t("c.number.since", { when: journal.when(owner.from_at) }),
                                    ),
                                ),
                            ),
                        ),
                    ),
                );
            } catch (error) {
                journal.toast(error.message, "error");
            }
        }
    };

    /** The section of contact persons. */
    clients.people = function (card, may, changed) {
        const path = `/api/clients/${card.account_id}/contacts`;
        const list = el("ul", { class: "c-lines" });
        const extra = el("div", {});
        journal.fill(
            list,
            card.contacts.map((person) => line(person)),
        );
        return el(
            "section",
            { class: "j-section" },
            el(
                "div",
                { class: "j-section-head" },
                el("h3", {}, t("c.people")),
                may && el("button", { type: "button", class: "j-link", onclick: () => form(null) }, t("c.add")),
            ),
            card.contacts.length ? list : el("p", { class: "j-hint" }, t("c.people.none")),
            extra,
        );

        function line(person) {
            const numbers = card.numbers.filter((one) => one.contact_id === person.contact_id);
            return el(
                "li",
                {},
                el(
                    "div",
                    { class: "j-grow" },
                    el("strong", {}, person.name),
                    person.position && el("span", { class: "j-hint" }, ` ${person.position}`),
                    numbers.map((one) => el("div", { class: "j-tel" }, one.number_text)),
                    person.emails.map((mail) => el("div", {}, el("a", { href: `mailto:${mail}` }, mail))),
                    person.messengers.map((one) => el("div", { class: "j-hint" }, one)),
                ),
                may && journal.button("pencil", t("c.person.edit", { name: person.name }), () => form(person)),
            );
        }

        function form(person) {
            const known = person || { name: "", position: "", emails: [], messengers: [] };
            const name = clients.field(t("c.person.name"), known.name, { maxlength: "300", required: true });
            const position = clients.field(t("c.person.role"), known.position, { maxlength: "300" });
            const number = clients.field(t("c.phone"), "", { type: "tel", placeholder: "+7 912 345-67-89" });
            const emails = clients.field(t("c.emails"), known.emails.join(", "), { placeholder: "name@example.ru" });
            const messengers = clients.field(t("c.messengers"), known.messengers.join(", "), {
                placeholder: "telegram:@name",
            });
            const error = el("div", {});
            const save = el("button", { type: "submit", class: "j-button is-primary" }, t("c.save"));
            const remove =
                person &&
                clients.button(t("c.person.remove"), () =>
                    clients.act(
                        remove,
                        async () => {
                            await journal.request(`${path}/${person.contact_id}`, {
                                method: "DELETE",
                                json: { version: person.version },
                            });
                            changed();
                        },
                        error,
                    ),
                );
            const root = el(
                "form",
                { class: "c-form" },
                name.root,
                position.root,
                person || !journal.config.rights.full_numbers ? null : number.root,
                emails.root,
                messengers.root,
                error,
                el("div", { class: "j-row" }, save, clients.button(t("cancel"), () => extra.replaceChildren()), remove),
            );
            root.addEventListener("submit", (event) => {
                event.preventDefault();
                clients.act(
                    save,
                    async () => {
                        await journal.request(person ? `${path}/${person.contact_id}` : path, {
                            method: person ? "PUT" : "POST",
                            json: {
                                name: name.value(),
                                position: position.value(),
                                emails: clients.texts(emails.value()),
                                messengers: clients.texts(messengers.value()),
                                ...(person ? { version: person.version } : { number: number.value().trim() }),
                            },
                        });
                        extra.replaceChildren();
                        changed();
                    },
                    error,
                );
            });
            journal.fill(extra, root);
            name.input.focus();
        }
    };
})();
