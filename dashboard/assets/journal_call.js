/* The page of one call: its player, client, comment and facts; a click on the picture plays from there. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    journal.startCallPage = async function (config) {
        journal.leave();
        journal.config = config;
        const place = (id) => document.getElementById(id);
        const path = `/api/calls/${encodeURIComponent(config.call)}`;
        // Answers may come when another page is shown already.
        const isHere = () => journal.config === config && place("call-client") !== null;
        let player = null;
        let comment = null;
        let tags = null;
        if (!isHere()) return;

        journal.fill(
            place("call-tools"),
            journal.button("link-45deg", t("copy-link"), () =>
                navigator.clipboard.writeText(window.location.href).then(() => journal.toast(t("link-copied"))),
            ),
            journal.button("printer", t("print"), () => window.print()),
        );
        journal.hints({
            comments: (ids) => (!ids.length || ids.includes(config.call)) && again(),
            clients: () => again(),
            calls: (ids) => ids.includes(config.call) && again(),
        });
        journal.onLeave(() => player && player.close());
        keyboard();
        events(place("call-events"));
        await read();

        async function read() {
            try {
                const details = await journal.request(path);
                if (isHere()) draw(details);
            } catch (error) {
                if (!isHere()) return;
                journal.fill(
                    place("call-facts"),
                    el(
                        "div",
                        { class: "j-note is-error", role: "alert" },
                        el("p", {}, error.message),
                        el("button", { type: "button", class: "j-button", onclick: read }, t("retry")),
                    ),
                );
            }
        }

        async function again() {
            const details = await journal.request(path).catch(() => null);
            if (!details || !isHere()) return;
            if (comment) comment.refresh(details.comment);
            if (tags) tags.refresh(details.row.tags);
            drawOwner(details);
        }

        function draw(details) {
            const row = details.row;
            const title = [journal.clientText(row), journal.peopleText(row)].filter(Boolean).join(" : ");
            player = new journal.Player(place("call-player"), details, title, (moment) => head(moment));
            comment = journal.commentBox(row.call_id, details.comment, () => {});
            tags = journal.tagSection(row.call_id, row.tags, () => {});
            journal.fill(place("call-comment"), tags.root, comment.root);
            journal.fill(
                place("call-tasks"),
                journal.taskSection({ kind: "call", id: row.call_id }, journal.taskTitle(row)),
            );
            drawOwner(details);
            for (const segment of document.querySelectorAll(".j-segment[data-at]")) {
                segment.onclick = () => player.seekMoment(Number(segment.dataset.at), true);
            }
        }

        function drawOwner(details) {
            journal.fill(
                place("call-client"),
                journal.clientSection(details.row, () => window.location.reload()),
            );
            journal.fill(place("call-facts"), journal.facts(details.row, details));
        }

        /* The line through the lanes, where the sound is. */
        function head(moment) {
            const picture = document.querySelector(".j-picture");
            if (!picture) return;
            const begin = Number(picture.dataset.begin);
            const share = (moment - begin) / Math.max(Number(picture.dataset.end) - begin, 1);
            picture.style.setProperty("--head", String(Math.min(Math.max(share, 0), 1)));
            picture.classList.add("has-head");
        }

        function keyboard() {
            const go = (way) => {
                const link = place(`call-${way}`);
                if (link) link.click();
            };
            journal.keyboard({
                " ": () => player && player.toggle(),
                ArrowLeft: () => player && player.leap(-10),
                ArrowRight: () => player && player.leap(10),
                "<": () => player && player.faster(-1),
                ">": () => player && player.faster(1),
                c: () => comment && comment.field.focus(),
                j: () => go("previous"),
                k: () => go("next"),
                Escape: () => journal.go("/calls"),
                "g j": () => journal.go("/calls"),
                "g c": () => journal.go("/chats"),
                "g s": () => journal.go("/analytics/calls"),
                "?": () => journal.showKeys(),
            });
        }

        /* Raw events are many and seldom wanted: read when opened. */
        function events(root) {
            if (!root || root.hidden) return;
            const body = el("div", {});
            const open = el(
                "button",
                { type: "button", class: "j-button", onclick: () => show() },
                journal.icon("list"),
                t("events.show"),
            );
            journal.fill(root, open, body);

            async function show() {
                open.disabled = true;
                try {
                    const { events: found } = await journal.request(`${path}/events`);
                    table(body, found);
                    open.hidden = true;
                } catch (error) {
                    open.disabled = false;
                    journal.toast(error.message, "error");
                }
            }
        }

        function table(body, found) {
            if (!found.length) return journal.fill(body, el("p", { class: "j-hint" }, t("events.none")));
            const search = el("input", {
                type: "search",
                class: "j-input",
                placeholder: t("events.search"),
                "aria-label": t("events.search"),
            });
            const list = el("ol", { class: "j-event-list" });
            const draw = () => {
                const words = search.value.trim().toLowerCase();
                const fits = (one) =>
                    !words ||
                    `${one.name} ${Object.entries(one.fields).flat().join(" ")}`.toLowerCase().includes(words);
                journal.fill(
                    list,
                    found.filter(fits).map((one) => event(one)),
                );
            };
            search.addEventListener("input", journal.debounce(draw, 120));
            journal.fill(
                body,
                el(
                    "div",
                    { class: "j-row" },
                    search,
                    el(
                        "a",
                        { class: "j-button", href: `${path}/events.ami`, download: "" },
                        journal.icon("download"),
                        t("events.download"),
                    ),
                ),
                list,
            );
            draw();
        }

        function event(one) {
            return el(
                "li",
                {},
                el(
                    "details",
                    {},
                    el(
                        "summary",
                        {},
                        el("span", { class: "number" }, journal.clock(one.event_at || one.received_at, true)),
                        el("strong", {}, one.name),
                        el("span", { class: "j-hint" }, one.fields.Channel || ""),
                    ),
                    el(
                        "dl",
                        { class: "j-event" },
                        Object.entries(one.fields).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
                    ),
                ),
            );
        }
    };

    Object.assign((window.dash_clientside.journal = window.dash_clientside.journal || {}), {
        startCall(config) {
            journal.startCallPage(config);
            return window.dash_clientside.no_update;
        },
    });
})();
