/* Duplicates: suggested pairs, the preview of a merge, and the choice of which card stays. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const clients = window.callboardClients;
    const { el, t } = journal;

    clients.page("startDuplicates", "duplicates-list", function (config, isHere) {
        const list = document.getElementById("duplicates-list");
        journal.hints({ clients: journal.coalesce(() => isHere() && read(), 400) });
        journal.keyboard({ Escape: () => journal.go("/clients"), "g k": () => journal.go("/clients") });
        journal.fill(list, clients.skeleton(6));
        read();

        async function read() {
            try {
                const { pairs } = await journal.request("/api/clients/duplicates");
                if (!isHere()) return;
                journal.fill(
                    list,
                    pairs.length
                        ? pairs.map(line)
                        : clients.empty("check-circle", t("c.pairs.none"), t("c.pairs.none.hint")),
                );
            } catch (error) {
                if (isHere()) journal.fill(list, clients.failed(error, read));
            }
        }

        /* One card of a pair: its name, and the numbers by which it is told from another of that name. */
        function side(accountId, name, numbers) {
            const [first, ...more] = numbers;
            return el(
                "div",
                { class: "c-pair-side", title: numbers.join("\n") },
                clients.link(accountId, name),
                el(
                    "span",
                    { class: "j-hint number" },
                    first || t("c.number.none"),
                    more.length > 0 && el("span", { class: "c-more" }, `+${more.length}`),
                ),
            );
        }

        function line(pair) {
            const differ = clients.button(t("c.pairs.differ"), () =>
                clients.act(differ, async () => {
                    await journal.request("/api/clients/distinct", {
                        json: { one_id: pair.one_id, other_id: pair.other_id },
                    });
                    await read();
                }),
            );
            return el(
                "article",
                { class: "c-pair" },
                el(
                    "div",
                    { class: "j-grow" },
                    el(
                        "div",
                        { class: "c-pair-names" },
                        side(pair.one_id, pair.one_name, pair.one_numbers),
                        side(pair.other_id, pair.other_name, pair.other_numbers),
                    ),
                    el(
                        "div",
                        { class: "j-hint" },
                        pair.reasons.map(([reason, value]) => t(`c.pairs.${reason}`, { value })).join(" · "),
                    ),
                ),
                el(
                    "div",
                    { class: "j-row" },
                    differ,
                    clients.button(t("c.pairs.look"), () => clients.merge(pair.one_id, pair.other_id), {
                        class: "j-button is-primary",
                    }),
                ),
            );
        }
    });

    /** Look for the other card of `card`, then show what a merge would do. */
    clients.chooseAndMerge = function (card) {
        clients.dialog(t("c.merge"), (close) => {
            const list = el("div", { class: "j-found" });
            const search = clients.field(t("c.merge.search"), "", { autofocus: true, autocomplete: "off" });
            const look = async () => {
                const text = search.value().trim();
                const found = text
                    ? (await journal.request(`/api/clients?${new URLSearchParams({ q: text, limit: 8 })}`)).rows.map(
                          (row) => [row.account_id, row.name, row.numbers[0]],
                      )
                    : (
                          await journal.request(
                              `/api/clients/duplicates?${new URLSearchParams({ account_id: card.account_id })}`,
                          )
                      ).pairs.map((pair) =>
                          pair.one_id === card.account_id
                              ? [pair.other_id, pair.other_name, t(`c.pairs.${pair.reasons[0][0]}`, { value: pair.reasons[0][1] })]
                              : [pair.one_id, pair.one_name, t(`c.pairs.${pair.reasons[0][0]}`, { value: pair.reasons[0][1] })],
                      );
                if (text !== search.value().trim()) return;
                const others = found.filter(([id]) => id !== card.account_id);
                journal.fill(
                    list,
                    others.length
                        ? others.map(([id, name, hint]) =>
                              el(
                                  "button",
                                  {
                                      type: "button",
                                      class: "j-offer",
                                      onclick: () => {
                                          close();
                                          clients.merge(card.account_id, id);
                                      },
                                  },
                                  journal.icon("building"),
                                  el("span", { class: "j-grow" }, name, hint && el("small", {}, hint)),
                              ),
                          )
                        : el("p", { class: "j-hint" }, t(text ? "c.none.filtered" : "c.merge.no-suggestion")),
                );
            };
            const later = () =>
                look().catch((error) => journal.fill(list, el("p", { class: "j-hint is-error" }, error.message)));
            search.input.addEventListener("input", journal.debounce(later, 220));
            later();
            return el("div", { class: "c-form" }, search.root, list);
        });
    };

    /** The preview of a merge: which card stays can be exchanged; the merge can be undone for a day. */
    clients.merge = async function (keptId, goneId) {
        let preview;
        try {
            preview = await journal.request(`/api/clients/${keptId}/merge/${goneId}`);
        } catch (error) {
            return journal.toast(error.message, "error");
        }
        const { kept, gone, merged, moves } = preview;
        clients.dialog(
            t("c.merge"),
            (close) => {
                const error = el("div", {});
                const go = clients.button(
                    t("c.merge.go"),
                    () =>
                        clients.act(
                            go,
                            async () => {
                                await journal.request(`/api/clients/${kept.account_id}/merge/${gone.account_id}`, {
                                    json: { kept_version: kept.version, gone_version: gone.version },
                                });
                                close();
                                journal.toast(t("c.merge.done"));
                                journal.go(`/clients/${kept.account_id}`);
                            },
                            error,
                        ),
                    { class: "j-button is-primary" },
                );
                return el(
                    "div",
                    { class: "c-form" },
                    el(
                        "div",
                        { class: "c-merge" },
                        side(t("c.merge.stays"), kept),
                        journal.button("arrow-left-right", t("c.merge.swap"), () => {
                            close();
                            clients.merge(gone.account_id, kept.account_id);
                        }),
                        side(t("c.merge.goes"), gone),
                    ),
                    el("h3", {}, t("c.merge.after")),
                    el("dl", { class: "j-facts" }, result(kept, gone, merged)),
                    el("p", { class: "j-hint" }, counts(moves)),
                    el("p", { class: "j-hint" }, t("c.merge.hint")),
                    error,
                    el("div", { class: "j-row" }, go, clients.button(t("cancel"), close)),
                );
            },
            "is-wide",
        );
    };

    function side(words, card) {
        return el(
            "div",
            { class: "c-merge-side" },
            el("div", { class: "j-hint" }, words),
            el("strong", {}, card.name),
            card.numbers.map((one) => el("div", { class: "j-tel" }, one.number_text)),
            card.contacts.map((person) => el("div", { class: "j-hint" }, person.name)),
            card.notes && el("div", { class: "j-hint" }, card.notes),
        );
    }

    function result(kept, gone, merged) {
        const numbers = [...kept.numbers, ...gone.numbers].map((one) => one.number_text);
        const people = [...kept.contacts, ...gone.contacts].map((one) => one.name);
        const responsible = kept.responsible || gone.responsible;
        return [
            [t("c.name"), merged.name],
            [t("c.responsible"), responsible],
            [t("c.phones"), numbers.join(", ")],
            [t("c.people"), people.join(", ")],
            [t("c.tags"), merged.tags.join(", ")],
            [t("c.emails"), merged.emails.join(", ")],
            [t("c.messengers"), merged.messengers.join(", ")],
            [t("c.notes"), merged.notes && el("div", { class: "c-notes" }, merged.notes)],
        ]
            .filter(([, value]) => value)
            .map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]);
    }

    function counts(moves) {
        const told = Object.entries(moves)
            .filter(([, n]) => n)
            .map(([name, n]) => t(`c.moves.${name}`, { n, count: journal.number(n) }));
        return told.length ? t("c.merge.moves", { what: told.join(", ") }) : t("c.merge.moves-nothing");
    }
})();
