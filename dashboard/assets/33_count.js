// A number beside an entry of the sidebar: read when the page opens, after hints, and once a minute.
(function () {
    "use strict";
    var callboard = window.callboard;
    var LATEST_MS = 60000; // waiting grows and deadlines pass without a hint

    // kind: {path, of the entry; summary, the address of the numbers; soon_ms, how long hints are gathered;
    // draw(badge, numbers)}. What comes back shows numbers that are known already, or reads them now or soon.
    callboard.counter = function (kind) {
        var timer = null;
        var stale = false;

        function place() {
            return document.querySelector('[data-count="' + kind.path + '"]');
        }

        function show(numbers) {
            var badge = place();
            if (badge) {
                kind.draw(badge, numbers);
            }
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
                .fetch(kind.summary)
                .then(function (response) {
                    return response.ok ? response.json().then(show) : null;
                })
                .catch(function () {}); // the banner tells of a lost server
        }

        function soon() {
            clearTimeout(timer);
            // Not all browsers of the office at the same moment.
            timer = setTimeout(load, kind.soon_ms / 2 + (Math.random() * kind.soon_ms) / 2);
        }

        function start() {
            if (!document.getElementById("shell-live")) {
                setTimeout(start, 100);
                return;
            }
            load();
        }

        document.addEventListener("visibilitychange", function () {
            if (!document.hidden && stale) {
                load();
            }
        });
        start();
        return { show: show, load: load, soon: soon };
    };

    // The number itself, red where somebody has waited too long.
    callboard.drawCount = function (badge, number, late) {
        badge.textContent = number > 99 ? "99+" : String(number);
        badge.hidden = number === 0;
        badge.classList.toggle("is-late", late > 0);
    };
})();
