// Calls that are started here: asks for one, and shows on a card how far it has come.
// Any element with data-dial-number or data-dial-call starts one when it is clicked.
(function () {
    "use strict";
    var callboard = window.callboard;
    var LOOK_MS = 1000; // hints come first; this is for what nobody tells
    var STAYS_MS = 8000;
    var OVER = { ended: true, failed: true };
    var ERRORS = ["no_answer", "busy", "unreachable", "offline", "expired", "unknown"];

    /** wanted: {number} or {call_id}. */
    callboard.dial = function (wanted) {
        var card = new Card();
        return callboard
            .fetch("/api/dial", {
                method: "POST",
                headers: { "Content-Type": "application/json", Accept: "application/json" },
                body: JSON.stringify(wanted),
            })
            .then(told)
            .then(
                function (order) {
                    card.follow("/api/dial/" + encodeURIComponent(order.id));
                },
                function (error) {
                    card.fail(error.message);
                }
            );
    };

    function told(response) {
        return response.json().then(function (body) {
            if (!response.ok) {
                throw new Error(body.message || callboard.t("shell.js.dial.failed"));
            }
            return body;
        });
    }

    function Card() {
        this.box = document.createElement("div");
        this.box.className = "toast-card dial-card";
        this.box.setAttribute("role", "status");
        this.icon = document.createElement("i");
        this.icon.className = "icon icon-telephone-outbound";
        this.icon.setAttribute("aria-hidden", "true");
        var body = document.createElement("div");
        body.className = "toast-body";
        this.number = document.createElement("div");
        this.number.className = "dial-number number";
        this.state = document.createElement("div");
        body.append(this.number, this.state);
        var close = document.createElement("button");
        close.className = "button is-icon is-quiet";
        close.setAttribute("aria-label", callboard.t("shell.js.close"));
        var cross = document.createElement("i");
        cross.className = "icon icon-x";
        close.append(cross);
        close.addEventListener("click", this.close.bind(this));
        this.box.append(this.icon, body, close);
        document.getElementById("shell-toasts").append(this.box);
        this.say("waiting");
    }

    Card.prototype.follow = function (address) {
        var card = this;
        var look = function () {
            if (card.closed || card.looking) {
                return;
            }
            card.looking = true;
            callboard
                .fetch(address, { headers: { Accept: "application/json" } })
                .then(told)
                .then(
                    function (call) {
                        card.show(call);
                    },
                    function () {} // the next look may succeed; the banners tell of a lost server
                )
                .then(function () {
                    card.looking = false;
                });
        };
        card.timer = setInterval(look, LOOK_MS);
        card.look = look;
        document.addEventListener("callboard:live", look);
        document.addEventListener("callboard:calls", look);
        look();
    };

    Card.prototype.show = function (call) {
        this.number.textContent = call.number;
        if (call.state === "failed") {
            this.fail(reason(call.error));
        } else {
            this.say(call.state === "ended" && call.outcome !== "reached" ? "not_reached" : call.state);
        }
        if (OVER[call.state]) {
            this.rest();
        }
    };

    function reason(error) {
        if (ERRORS.indexOf(error) >= 0) {
            return callboard.t("shell.js.dial.error." + error);
        }
        return callboard.t("shell.js.dial.error.refused", { reason: String(error || "").replace(/^refused: ?/, "") });
    }

    Card.prototype.say = function (state) {
        this.box.dataset.state = state;
        this.state.textContent = callboard.t("shell.js.dial." + state);
    };

    Card.prototype.fail = function (text) {
        this.box.dataset.state = "failed";
        this.box.classList.add("is-bad");
        this.state.textContent = text;
        this.stop();
    };

    Card.prototype.rest = function () {
        this.stop();
        if (this.box.dataset.state !== "failed") {
            setTimeout(this.close.bind(this), STAYS_MS); // what failed stays until it is read
        }
    };

    Card.prototype.stop = function () {
        clearInterval(this.timer);
        document.removeEventListener("callboard:live", this.look);
        document.removeEventListener("callboard:calls", this.look);
    };

    Card.prototype.close = function () {
        this.closed = true;
        this.stop();
        this.box.remove();
    };

    // ---------------------------------------------------------------- buttons beside numbers
    var refused = null; // why this user cannot call from here

    /** A button that calls, and says why where it cannot. wanted: {number} or {call_id}. */
    callboard.dialButton = function (wanted) {
        var button = document.createElement("button");
        button.type = "button";
        button.className = "j-icon-button dial-button";
        if (wanted.call_id) {
            button.dataset.dialCall = wanted.call_id;
        } else {
            button.dataset.dialNumber = wanted.number;
        }
        var icon = document.createElement("i");
        icon.className = "icon icon-telephone-outbound";
        icon.setAttribute("aria-hidden", "true");
        button.append(icon);
        allow(button);
        return button;
    };

    /** The server has told why it cannot be done; null: it can. */
    callboard.dialRefused = function (reason) {
        refused = reason;
        document.querySelectorAll(".dial-button").forEach(allow);
    };

    function allow(button) {
        var words = refused || callboard.t("shell.js.dial.call");
        button.disabled = Boolean(refused);
        button.title = words;
        button.setAttribute("aria-label", words);
    }

    document.addEventListener("click", function (event) {
        var asked = event.target.closest && event.target.closest("[data-dial-number], [data-dial-call]");
        if (asked && !asked.disabled) {
            event.preventDefault();
            callboard.dial(asked.dataset.dialCall ? { call_id: asked.dataset.dialCall } : { number: asked.dataset.dialNumber });
        }
    });
})();
