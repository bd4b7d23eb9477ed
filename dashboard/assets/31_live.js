// Hints from the server, one stream per browser: the tab that holds the lock listens and tells the others.
(function () {
    "use strict";
    var callboard = window.callboard;
    var LOOK_MS = 300;
    var SILENT_MS = 4500; // the server speaks every 2 s, and a loss is told within five
    var PATIENCE_MS = 3000; // a restart of the server is no news
    var channel = "BroadcastChannel" in window ? new BroadcastChannel("callboard-live") : null;
    var source = null;
    var lastId = "";
    var heardAt = Date.now();
    var state = "connecting";
    var lostAt = 0;
    var storeAway = false;
    var outdated = false;
    var gaps = [];
    var disk = { level: "good", free_percent: 100 };
    var links = []; // of which PBXs what is shown of now may be old, and why
    var isLead = false;

    // ---------------------------------------------------------------- what arrives
    function receive(message) {
        if (message.kind === "state") {
            setState(message.state, message.silent);
        } else if (message.kind === "version") {
            // Another version of the scripts is served than the one that this page runs.
            outdated = Boolean(message.version) && !document.querySelector('script[src="' + message.version + '"]');
            showBanners();
        } else if (message.kind === "store") {
            storeAway = message.away;
            showBanners();
        } else if (message.kind === "typing") {
            document.dispatchEvent(new CustomEvent("callboard:typing", { detail: { ids: message.ids } }));
        } else if (message.kind === "links") {
            links = message.links;
            showBanners();
            document.dispatchEvent(new CustomEvent("callboard:links", { detail: links }));
        } else if (message.kind === "mine") {
            document.dispatchEvent(new CustomEvent("callboard:mine"));
        } else if (message.kind === "hint") {
            if (message.hint.topic === "link") {
                loadGaps();
            }
            document.dispatchEvent(new CustomEvent("callboard:" + message.hint.topic, { detail: message.hint }));
            var isHeard = document.querySelector('.shell [data-hears~="' + message.hint.topic + '"]');
            if (isHeard && window.dash_clientside && window.dash_clientside.set_props) {
                window.dash_clientside.set_props("shell-notice-" + message.hint.topic, { data: message.hint });
            }
        }
    }

    function tell(message) {
        if (channel) {
            channel.postMessage(message);
        }
        receive(message);
    }

    function setState(next, silent) {
        if (next === "live" && state !== "live") {
            loadGaps();
        }
        if (next === "lost" && state !== "lost") {
            lostAt = Date.now() - (silent ? PATIENCE_MS + 1 : 0); // of silence there was enough already
            setTimeout(showBanners, PATIENCE_MS + 50);
        }
        var isOther = state !== next;
        state = next;
        var box = document.getElementById("shell-live");
        if (box) {
            box.dataset.state = next;
            box.querySelector(".side-word").textContent = callboard.t("shell.js.live_" + next);
            box.title = callboard.t("shell.js.live_" + next);
        }
        showBanners();
        if (isOther) {
            document.dispatchEvent(new CustomEvent("callboard:state", { detail: next }));
        }
    }

    // ---------------------------------------------------------------- the stream
    function listen() {
        if (source) {
            source.close();
        }
        source = new EventSource(lastId ? "/events?since=" + encodeURIComponent(lastId) : "/events");
        heardAt = Date.now();
        source.addEventListener("hello", function (event) {
            heard(event);
            tell({ kind: "state", state: "live" });
            var told = JSON.parse(event.data);
            tell({ kind: "version", version: told.version });
            tell({ kind: "store", away: told.store_away });
            tell({ kind: "mine" }); // what rang meanwhile
        });
        source.addEventListener("links", function (event) {
            heard(event);
            tell({ kind: "links", links: JSON.parse(event.data).links });
        });
        source.addEventListener("mine", function (event) {
            heard(event);
            tell({ kind: "mine" });
        });
        source.addEventListener("store", function (event) {
            heard(event);
            tell({ kind: "store", away: JSON.parse(event.data).away });
        });
        source.addEventListener("hint", function (event) {
            heard(event);
            tell({ kind: "hint", hint: JSON.parse(event.data) });
        });
        source.addEventListener("typing", function (event) {
            heard(event);
            tell({ kind: "typing", ids: JSON.parse(event.data).ids });
        });
        source.addEventListener("beat", heard);
        source.addEventListener("bye", function () {
            // Logged out here or elsewhere, or the server ends: the next request tells which.
            source.close();
            source = null;
            tell({ kind: "state", state: "lost" });
            setTimeout(again, 1500);
        });
        source.onerror = function () {
            tell({ kind: "state", state: "lost" });
            if (source && source.readyState === EventSource.CLOSED) {
                setTimeout(again, 3000);
            }
        };
    }

    function heard(event) {
        heardAt = Date.now();
        lastId = event.lastEventId || lastId;
    }

    // A refused stream says nothing about why: ask whether we are still logged in.
    function again() {
        fetch("/api/link", { credentials: "same-origin" }).then(
            listen, // where we are not logged in any more, fetch leads to the login instead
            function () {
                setTimeout(again, 3000);
            }
        );
    }

    function lead() {
        isLead = true;
        listen();
        setInterval(function () {
            if (source && Date.now() - heardAt > SILENT_MS) {
                // A dead connection that nobody closed, or one that is never answered.
                tell({ kind: "state", state: "lost", silent: true });
                listen();
            }
        }, LOOK_MS);
        return new Promise(function () {}); // holds the lock while this tab lives
    }

    function start() {
        if (!document.getElementById("shell-live")) {
            setTimeout(start, 100);
            return;
        }
        setState(state);
        if (channel && navigator.locks) {
            channel.onmessage = function (event) {
                if (event.data.kind === "ask" && source) {
                    channel.postMessage({ kind: "state", state: state });
                    channel.postMessage({ kind: "store", away: storeAway });
                    channel.postMessage({ kind: "links", links: links });
                } else if (event.data.kind !== "ask") {
                    receive(event.data);
                }
            };
            channel.postMessage({ kind: "ask" });
            navigator.locks.request("callboard-live", lead);
        } else {
            channel = null;
            lead();
        }
    }

    // ---------------------------------------------------------------- banners
    function loadGaps() {
        fetch("/api/link", { credentials: "same-origin" })
            .then(function (response) {
                return response.ok ? response.json() : { gaps: [] };
            })
            .then(function (answer) {
                gaps = answer.gaps || [];
                disk = answer.disk || disk;
                showBanners();
            })
            .catch(function () {});
    }

    function banner(kind, icon, text) {
        var line = document.createElement("div");
        line.className = "banner is-" + kind;
        var mark = document.createElement("i");
        mark.className = "icon icon-" + icon;
        mark.setAttribute("aria-hidden", "true");
        var words = document.createElement("span");
        words.textContent = text;
        line.append(mark, words);
        return line;
    }

    function ago(at) {
        var seconds = Math.max(0, (Date.now() - new Date(at).getTime()) / 1000);
        var steps = [
            ["day", 86400],
            ["hour", 3600],
            ["minute", 60],
            ["second", 1],
        ];
        var step = steps.find(function (one) {
            return seconds >= one[1];
        }) || steps[3];
        var format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
        return format.format(-Math.floor(seconds / step[1]), step[0]);
    }

    var shown = "";

    function showBanners() {
        var box = document.getElementById("shell-banners");
        if (!box) {
            return;
        }
        var lines = [];
        if (!navigator.onLine) {
            lines.push(["bad", "wifi-off", callboard.t("shell.js.offline")]);
        } else if (state === "lost" && Date.now() - lostAt > PATIENCE_MS) {
            lines.push(["bad", "wifi-off", callboard.t("shell.js.server_lost")]);
        } else if (storeAway) {
            lines.push(["bad", "database-exclamation", callboard.t("shell.js.store_away")]);
        } else {
            links.forEach(function (link) {
                var isTold = gaps.some(function (gap) {
                    return gap.pbx === link.pbx;
                });
                if (link.standing === "silent" || link.standing === "deaf" || (link.standing === "lost" && !isTold)) {
                    lines.push(["warn", "cloud-slash", callboard.t("live.js.link." + link.standing, { pbx: link.pbx })]);
                }
            });
            gaps.forEach(function (gap) {
                lines.push(["warn", "cloud-slash", callboard.t("shell.js.link_lost", { pbx: gap.pbx, ago: ago(gap.since) })]);
            });
        }
        if (disk.level !== "good") {
            var free = new Intl.NumberFormat(document.documentElement.lang).format(disk.free_percent);
            var words = {
                low: callboard.t("shell.js.disk_low", { free: free }),
                scarce: callboard.t("shell.js.disk_scarce", { free: free }),
                read_only: callboard.t("shell.js.disk_read_only"),
            }[disk.level];
            lines.push([disk.level === "low" ? "warn" : "bad", "database-exclamation", words]);
        }
        if (outdated) {
            lines.push(["plain", "arrow-clockwise", callboard.t("shell.js.outdated")]);
        }
        var next = JSON.stringify(lines);
        if (next === shown && box.children.length === lines.length) {
            return; // said once: a screen reader repeats what changes
        }
        shown = next;
        box.replaceChildren.apply(
            box,
            lines.map(function (line) {
                return banner(line[0], line[1], line[2]);
            })
        );
    }

    window.addEventListener("online", function () {
        showBanners();
        if (source) {
            listen();
        }
    });
    window.addEventListener("offline", showBanners);
    setInterval(showBanners, 30000);
    callboard.showBanners = showBanners;
    // Whether what is shown of now is of now, as far as the server can tell; and whether this tab speaks for all.
    callboard.isLive = function () {
        return navigator.onLine && state === "live" && !storeAway;
    };
    callboard.isLead = function () {
        return isLead;
    };

    // ---------------------------------------------------------------- the server's clock
    var CLOCK_MS = 120000; // clocks drift: an answer from before is no measure any more
    var clock = { ahead: 0, took: Infinity, at: 0 };
    // Clocks on the screen count by the server's: a quick answer tells it best, and the quickest of late counts.
    callboard.serverTold = function (at, asked) {
        var now = Date.now();
        if (now - asked <= clock.took || now - clock.at > CLOCK_MS) {
            clock = { ahead: new Date(at).getTime() - (asked + now) / 2, took: now - asked, at: now };
        }
    };
    callboard.serverNow = function () {
        return Date.now() + clock.ahead;
    };
    start();
})();
