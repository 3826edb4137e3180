// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Quantities
import Storage
import Tariffs

/// A guest's way from the price to the receipt, without an account (api.md §3.5).
enum CheckoutRoutes {
    /// Who may follow and steer a checkout.
    private static let visitors: Set<Scope> = [.guest, .driver, .operator, .service]

    static let all: [Route] = [
        .post(
            "/v1/checkouts", .everybody, "Open a checkout at an EVSE: a quote, and a token for the guest.",
            request: .checkoutWish, answers: [.created(.openedCheckout)],
            problems: [
                .unknownEVSE, .evseOccupied, .evseUnavailable, .currencyMismatch, .amountTooSmall,
                .returnURLNotAllowed,
            ], open
        ).once,
        .get(
            "/v1/checkouts/{id}", visitors.union([.readOnly]), "A checkout.", query: [LongPoll.parameter],
            answers: [.ok(.checkout)],
            { call in
                let id: CheckoutID = try call.id(of: "checkout")
                let visit = try await LongPoll(hub: call.hub)(
                    call.query.integer("wait"), on: [id.text], status: { (visit: Visit) in visit.status },
                    look: { try await call.visit(id) })
                return .ok(try visit.json(call.desk))
            }),
        .get(
            "/v1/checkouts/{id}/stream", visitors.union([.readOnly]), "A checkout while it goes on.",
            answers: [.bytes("text/event-stream")],
            { call in
                let id: CheckoutID = try call.id(of: "checkout")
                let first = try await call.visit(id)
                let stream = SessionStream(hub: call.hub, event: "checkout", ids: first.watches) {
                    let visit = try await call.visit(id)
                    return SessionStream.Frame(
                        version: visit.version, json: try visit.json(call.desk), isLast: visit.isOver,
                        watches: visit.watches)
                }
                return stream.reply(to: call.request)
            }),
        .post(
            "/v1/checkouts/{id}/pay", [.guest, .service, .operator],
            "Accept the price and reserve the money on the gateway's own page.", request: .acceptance,
            answers: [.ok(.checkout), .accepted(.checkout)],
            problems: [.invalidState, .quoteExpired, .priceChanged, .gatewayUnavailable], pay
        ).once,
        .post(
            "/v1/checkouts/{id}/start", visitors,
            "Start the session, or try again with the same reservation.",
            answers: [.accepted(.checkout)],
            problems: [.invalidState, .stationOffline, .retryWindowOver],
            { call in
                let visit = try await call.visit(try call.id(of: "checkout"))
                try await StartSession(desk: call.desk)(visit.checkout.id)
                return try await call.answer(.accepted, visit.checkout.id)
            }),
        .post(
            "/v1/checkouts/{id}/stop", visitors, "Ask the charger to stop.",
            answers: [.ok(.checkout), .accepted(.checkout)], problems: [.invalidState], stop),
        .post(
            "/v1/checkouts/{id}/cancel", visitors, "Give up; what is reserved is released.",
            answers: [.ok(.checkout)], problems: [.invalidState],
            { call in
                let visit = try await call.visit(try call.id(of: "checkout"))
                try await ReleaseHold(desk: call.desk).cancel(visit.checkout.id)
                return try await call.answer(.ok, visit.checkout.id)
            }),
        .get(
            "/v1/checkouts/{id}/receipt", visitors.union([.readOnly]),
            "The receipt, once the money is confirmed.",
            answers: [.ok(.receipt), .bytes("text/html")],
            { call in
                let visit = try await call.visit(try call.id(of: "checkout"))
                guard let document = visit.receipt else { throw Problem.notFound("receipt yet") }
                return try await ReceiptRoutes.shown(document, as: { try $0.json }, to: call)
            }),
    ]

    private static func open(_ call: Call) async throws -> Reply {
        if case .anonymous = call.caller {
            var ignored = HTTPFields()
            try call.clerk.take("checkouts:" + call.address, call.clerk.limits.checkouts, &ignored)
        }
        var wish = OpenCheckout.Wish(
            evseCode: try call.body.need("evse", call.body.text("evse")), limit: try call.body.money("limit"))
        wish.language = call.body.text("language") ?? "en"
        wish.email = call.body.text("email")
        wish.metadata = call.body.texts("metadata")
        wish.returnURL = call.body.text("return_url")
        wish.limits = call.body.object("limits").map { SessionLimits($0) } ?? SessionLimits()
        let (checkout, _) = try await OpenCheckout(desk: call.desk)(wish)
        let visit = try await call.visit(checkout.id, isNew: true)
        let opened = try visit.json(call.desk).adding([
            "guest_token": .string(Credentials.guestPrefix + checkout.secret)
        ])
        return .created(opened, at: "/v1/checkouts/\(checkout.id)")
    }

    /// Asks for the hold, and waits a moment for the address of the gateway's page.
    private static func pay(_ call: Call) async throws -> Reply {
        let visit = try await call.visit(try call.id(of: "checkout"))
        let accepted = try call.body.need("accept_quote", call.body.text("accept_quote"))
        let hasTicked = call.body.flag("consent_off_session") ?? false
        let row = try await AwaitGatewayPage(desk: call.desk, hub: call.hub)(of: visit) {
            try await RequestHold(desk: call.desk)(
                visit.checkout.id, accepting: accepted, clientKey: call.onceName ?? call.requestID.text,
                autoStart: call.body.flag("auto_start") ?? true,
                consent: hasTicked ? visit.consent(at: call.desk.clock.now) : nil)
        }
        return try await call.answer(
            row.nextAction == nil && !row.isOver ? .accepted : .ok, visit.checkout.id)
    }

    private static func stop(_ call: Call) async throws -> Reply {
        let visit = try await call.visit(try call.id(of: "checkout"))
        guard let session = visit.session else {
            throw Problem(
                .invalidState, "Nothing runs that could be stopped.",
                extras: ["state": .string(visit.status), "allowed": ["running"]])
        }
        let outcome = try await RequestRemoteStop(desk: call.desk)(session.id)
        return try await call.answer(outcome == .asked ? .accepted : .ok, visit.checkout.id)
    }
}

extension Call {
    /// The visit of a checkout, if the caller may see it. `isNew` is for the one who has just made it.
    func visit(_ id: CheckoutID, isNew: Bool = false) async throws -> Visit {
        let caller = caller
        let visit = try await read { tx -> Visit? in
            guard let checkout = try tx.find(CheckoutRecord.self, id) else { return nil }
            if !isNew {
                guard try caller.sees(checkout, in: tx) else { return nil }
                if case .guest(let own) = caller, own.id != id { return nil }
            }
            return try Visit(checkout, in: tx)
        }
        guard let visit else { throw Problem.notFound("checkout") }
        return visit
    }

    /// The present state of a checkout.
    fileprivate func answer(_ status: HTTPResponse.Status, _ id: CheckoutID) async throws -> Reply {
        let json = try await visit(id).json(desk)
        return status == .accepted ? .accepted(json, at: "/v1/checkouts/\(id)") : .ok(json)
    }
}

extension Visit {
    /// What a guest agrees to by the flag: the text is the API's own, of this version.
    fileprivate func consent(at now: Instant) -> Consent {
        Consent(
            textVersion: "api-2026-12",
            maximumMinor: place.organisation.policy.collection.raiseMaximum, at: now)
    }

    /// Everything whose change a guest should see.
    var watches: Set<String> {
        var ids: Set<String> = [checkout.id.text, bill.id.text]
        if let session { ids.insert(session.id.text) }
        if let payment { ids.insert(payment.id.text) }
        return ids
    }

    /// As the API shows it.
    func json(_ desk: Desk) throws -> JSON {
        let now = desk.clock.now
        let zone = try desk.zones.rules(of: place.site.timeZone, from: quote.createdAt, to: now)
        let prices = try tariff.displayPrices(at: checkout.createdAt, in: zone)
        return [
            "id": .id(checkout.id), "status": .string(status), "evse": .id(checkout.evse),
            "track_url": .string(desk.settings.publicURL + "/s/" + checkout.secret),
            "quote": [
                "id": .id(quote.id), "hash": .string(quote.hash), "expires_at": .time(quote.expiresAt),
                "prices": .array(prices.map(\.json)), "hold": quote.hold.json, "stops_at": quote.stopsAt.json,
                "tariff_hash": .string(quote.tariffHash),
            ],
            "methods": ["card", "apple_pay", "google_pay"], "session": .id(session?.id),
            "payment": .id(payment?.id), "next_action": nextAction,
            "decline": payment?.decline?.json(in: checkout.spoken) ?? .null,
            "held": .money(held), "cost": .money(cost), "captured": .money(payment?.captured),
            "released_at": .time(payment?.releasedAt), "release": release, "retry_until": .time(retryUntil),
            "limits": checkout.limitsJSON(in: quote.currency), "receipt": .text(receipt?.id),
            "metadata": .metadata(checkout.metadata),
            "created_at": .time(checkout.createdAt), "version": JSON(version),
        ]
    }

    private var nextAction: JSON {
        guard let url = payment?.nextAction, payment?.isOver == false else { return .null }
        return ["type": "redirect", "url": .string(url), "expires_at": .time(quote.expiresAt)]
    }

    /// What is reserved at this moment.
    private var held: Money? {
        guard let payment, payment.authorizedAt != nil, payment.releasedAt == nil, payment.capturedAt == nil,
            !payment.isOver
        else { return nil }
        return payment.hold
    }

    /// Where what was reserved is on its way back; null while nothing is.
    private var release: JSON {
        guard let payment, payment.authorizedAt != nil else { return .null }
        if let at = payment.releasedAt { return ["status": "done", "at": .time(at)] }
        if ["voiding", "void_unknown"].contains(payment.status) { return ["status": "asked", "at": .null] }
        guard status == "start_failed", let retryUntil else { return .null }
        return ["status": "scheduled", "at": .time(retryUntil)]
    }

    private var cost: Money? {
        bill.totalMinor.map { Money(minorUnits: $0, currency: bill.currency) } ?? session?.live?.cost
    }

    private var retryUntil: Instant? {
        checkout.startFailedAt.map { $0 + place.organisation.policy.retryWindow }
    }
}

extension ObjectShape {
    /// What a guest may wish for.
    static let checkoutWish = ObjectShape(
        "NewCheckout",
        [
            .must("evse", .text(.plain, max: 12), "The code printed on the EVSE."),
            .may("limit", .money, "At most this; it becomes the hold."),
            .may("limits", .object(.measuredLimits), "What else it shall end at."),
            .may("language", .text(.plain, max: 10)), .may("email", .text(.email, max: 200)),
            .returnURL,
            .may("metadata", .texts, "Words of your own."),
        ])

    /// A guest's yes.
    static let acceptance = ObjectShape(
        "Acceptance",
        [
            .must("accept_quote", .shortText, "The hash of the quote that was shown."),
            .may("method", .word(["card", "apple_pay", "google_pay"])),
            .may(
                "consent_off_session", .flag,
                "The guest ticked a box of its own: what the hold does not cover may be charged to the card later, up to the highest hold of the organisation."
            ),
            .may("auto_start", .flag, "Start when the money is reserved; true."),
        ])

    /// Where the guest must go.
    static let nextAction = ObjectShape(
        "NextAction",
        [
            .must("type", .word(["redirect"])), .must("url", .text(.url, max: 2000)),
            .may("expires_at", .instant),
        ])

    /// Why a payment was declined.
    static let decline = ObjectShape(
        "Decline",
        [
            .must("code", .shortText),
            .must(
                "advice",
                .word([
                    "never_retry", "retry_later", "needs_authentication", "needs_new_method",
                    "stop_recurring",
                    "fix_configuration",
                ])), .must("message", .longText, "A sentence for the driver."),
        ])

    /// A guest's visit.
    static let checkout = ObjectShape(
        "Checkout",
        [
            .must("id", .id("chk")),
            .must(
                "status",
                .word([
                    "quoted", "funding", "funded", "starting", "start_failed", "running", "ended",
                    "in_review",
                    "settling", "settled", "nothing_charged", "cancelled", "in_debt", "written_off",
                ])), .must("evse", .id("evse")), .must("track_url", .text(.url, max: 500)),
            .must(
                "quote",
                .object(
                    ObjectShape(
                        "CheckoutQuote",
                        [
                            .must("id", .id("quo")), .must("hash", .shortText), .must("expires_at", .instant),
                            .must("prices", .list(.price)), .must("hold", .money), .must("stops_at", .money),
                            .must("tariff_hash", .shortText),
                        ]))), .must("methods", .list(.shortText, max: 10)), .may("session", .id("ses")),
            .may("payment", .id("pay")), .may("next_action", .object(.nextAction)),
            .may("decline", .object(.decline)), .may("held", .money, "Reserved, not charged."),
            .may("cost", .money), .may("captured", .money), .may("released_at", .instant),
            .may(
                "release",
                .object(
                    ObjectShape(
                        "Release",
                        [.must("status", .word(["scheduled", "asked", "done"])), .may("at", .instant)])),
                "Where what was reserved is on its way back."),
            .may("retry_until", .instant, "Until when a failed start can be tried again."),
            .may("limits", .object(.sessionLimits), "What the driver wants it to end at."),
            .may("receipt", .id("rcp")), .must("metadata", .texts), .must("created_at", .instant),
            .must("version", .count),
        ])

    /// A visit that has just begun.
    static let openedCheckout = checkout.adding(
        "OpenedCheckout", [.must("guest_token", .shortText, "The guest's credential for this checkout.")])
}
