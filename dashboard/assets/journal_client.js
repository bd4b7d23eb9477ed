/* Whose number it is: open the client, or tie an unknown number to a client, a contact person or a new card. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    /** The section about the client of `row`; attached() is told when the number got an owner. */
    journal.clientSection = function (row, attached) {
        const root = el("section", { class: "j-section j-client-section" });
        if (row.direction === "internal") return null;
        if (row.account_id) drawKnown();
        else drawUnknown();
        return root;

        function drawKnown() {
            journal.fill(
                root,
                el(
                    "div",
                    { class: "j-client-card" },
                    journal.icon("building"),
                    el(
                        "div",
                        { class: "j-grow" },
                        el("a", { class: "j-client-link", href: `/clients/${row.account_id}` }, row.client),
                        row.contact && el("div", { class: "j-hint" }, row.contact),
                    ),
                    el(
                        "a",
                        {
                            class: "j-icon-button",
                            href: `/calls?client=${row.account_id}`,
                            title: t("client.calls"),
                            "aria-label": t("client.calls"),
                        },
                        journal.icon("list-task"),
                    ),
                    journal.config.rights.edit_clients &&
                        journal.button("pencil", t("client.reattach"), () => drawForm(true)),
                ),
            );
        }

        function drawUnknown() {
            const may = journal.config.rights.edit_clients && row.number;
            journal.fill(
                root,
                el(
                    "div",
                    { class: "j-client-card is-unknown" },
                    journal.icon(row.number ? "person-plus" : "eye-slash"),
                    el("div", { class: "j-grow" }, t(row.number ? "client.unknown" : "hidden-number")),
                    may &&
                        el(
                            "button",
                            { type: "button", class: "j-button", onclick: () => drawForm(false) },
                            t("client.attach"),
                        ),
                ),
            );
        }

        function drawForm(known) {
            const list = el("div", { class: "j-found", role: "listbox", "aria-label": t("client.found") });
            const input = el("input", {
                type: "text",
                class: "j-input",
                placeholder: t("client.search"),
                "aria-label": t("client.search"),
                autocomplete: "off",
            });
            let controller = null;
            const search = async () => {
                const text = input.value.trim();
                if (controller) controller.abort();
                if (!text) return list.replaceChildren();
                controller = new AbortController();
                try {
                    const { accounts } = await journal.request(
                        `/api/accounts?${new URLSearchParams({ q: text, limit: 6 })}`,
                        { signal: controller.signal },
                    );
                    show(text, accounts);
                } catch (error) {
                    if (error.name !== "AbortError")
                        journal.fill(list, el("p", { class: "j-hint is-error" }, error.message));
                }
            };
            const later = journal.debounce(search, 180);
            input.addEventListener("input", later);
            const form = el(
                "div",
                { class: "j-attach" },
                el("p", { class: "j-hint" }, t("client.attach-hint", { number: row.number_text || row.number })),
                input,
                list,
            );
            form.addEventListener("keydown", (event) =>
                move(event, input, list, () => (known ? drawKnown() : drawUnknown())),
            );
            journal.fill(root, form);
            input.focus();

            function show(text, accounts) {
                const offers = accounts.flatMap((account) => [
                    offer(account.kind === "person" ? "person" : "building", account.name, account.hint, {
                        account_id: account.account_id,
                        move: known,
                    }),
                    ...(account.contacts || []).map((contact) =>
                        offer("person", contact.name, account.name, {
                            account_id: account.account_id,
                            contact_id: contact.contact_id,
                            move: known,
                        }),
                    ),
                ]);
                if (!known)
                    offers.push(
                        offer("plus-lg", t("client.create", { name: text }), t("client.create-hint"), { name: text }),
                    );
                journal.fill(list, ...offers);
            }
        }

        function offer(icon, title, hint, choice) {
            return el(
                "button",
                {
                    type: "button",
                    class: "j-offer",
                    role: "option",
                    onclick: (event) => attach(choice, event.currentTarget),
                },
                journal.icon(icon),
                el("span", { class: "j-grow" }, title, hint && el("small", {}, hint)),
            );
        }

        async function attach(choice, button) {
            button.disabled = true;
            button.classList.add("is-busy");
            try {
                const done = await journal.request(`/api/calls/${encodeURIComponent(row.call_id)}/client`, {
                    json: choice,
                });
                journal.toast(t("client.attached", { name: done.name, n: done.calls }));
                attached(done);
            } catch (error) {
                button.disabled = false;
                button.classList.remove("is-busy");
                journal.toast(error.message, "error");
            }
        }
    };

    /* Arrows walk from the field into the offers and back; Enter takes the first one. */
    function move(event, input, list, cancel) {
        const offers = [...list.querySelectorAll(".j-offer")];
        const at = offers.indexOf(document.activeElement);
        if (event.key === "ArrowDown" && offers.length) offers[Math.min(at + 1, offers.length - 1)].focus();
        else if (event.key === "ArrowUp" && at >= 0) (offers[at - 1] || input).focus();
        else if (event.key === "Enter" && at < 0 && offers.length) offers[0].click();
        else if (event.key === "Escape") cancel();
        else return;
        if (event.key !== "Enter" || at < 0) event.preventDefault();
        event.stopPropagation();
    }
})();
