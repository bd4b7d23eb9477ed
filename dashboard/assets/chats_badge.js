// The number beside "chats" in the sidebar: chats with news for me, red where a client has waited too long.
(function () {
    "use strict";
    var callboard = window.callboard;
    var SOON_MS = 1500;
    var LATEST_MS = 60000; // waiting grows without a hint
    var timer = null;
    var stale = false;

    function place() {
        return document.querySelector('[data-count="/chats"]');
    }

    function show(counts) {
        var badge = place();
        if (!badge) {
            return;
        }
        badge.textContent = counts.unread > 99 ? "99+" : String(counts.unread);
        badge.hidden = counts.unread === 0;
        badge.classList.toggle("is-late", counts.late > 0);
        var words = callboard.t("chats.js.count", { unread: counts.unread, queued: counts.queued, late: counts.late });
        badge.setAttribute("aria-label", words);
        badge.title = words;
    }

    function load() {
        clearTimeout(timer);
        timer = setTimeout(load, LATEST_MS);
        if (!place()) {
            return;
        }
        if (document.hidden) {
            stale = true; // nobody looks: read when somebody does
            return;
        }
        stale = false;
        callboard
            .fetch("/api/chats/summary")
            .then(function (response) {
                return response.ok ? response.json().then(show) : null;
            })
            .catch(function () {}); // the banner tells of a lost server
    }

    function soon() {
        clearTimeout(timer);
        // Not all browsers of the office at the same moment.
        timer = setTimeout(load, SOON_MS / 2 + (Math.random() * SOON_MS) / 2);
    }

    callboard.showChats = soon;
    document.addEventListener("callboard:chats", soon);
    document.addEventListener("visibilitychange", function () {
        if (!document.hidden && stale) {
            load();
        }
    });

    function start() {
        if (!document.getElementById("shell-live")) {
            setTimeout(start, 100);
            return;
        }
        load();
    }
    start();
})();
