// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import HTTPTypes
import JSONText
import Payments
import Quantities
import Storage
import Tariffs

/// Sessions: what runs, what it costs and why (api.md §3.6).
enum SessionRoutes {
    private static let visitors: Set<Scope> = [.guest, .driver, .siteHost, .operator, .service, .readOnly]

    static let all: [Route] = [
        .get(
            "/v1/sessions", Set.readers.union([.driver, .siteHost]), "Sessions, newest first.",
            query: Query.Parameter.page("ses") + filters, answers: [.page(of: .session)],
            problems: [.invalidCursor], list),
        .get(
            "/v1/sessions/{id}", visitors, "A session.", query: [LongPoll.parameter],
            answers: [.ok(.session)],
            { call in
                let id: SessionID = try call.id(of: "session")
                let view = try await LongPoll(hub: call.hub)(
                    call.query.integer("wait"), on: [id.text],
                    status: { (view: SessionView) in view.session.status.rawValue },
                    look: { try await call.session(id) })
                return .ok(try view.json(call.desk, for: call.caller))
            }),
        .get(
            "/v1/sessions/{id}/stream", visitors, "A session while it goes on.",
            answers: [.bytes("text/event-stream")],
            { call in
                let id: SessionID = try call.id(of: "session")
                let first = try await call.session(id)
                let stream = SessionStream(hub: call.hub, event: "session", ids: first.watches) {
                    let view = try await call.session(id)
                    return SessionStream.Frame(
                        version: view.version,
                        json: try view.json(call.desk, for: call.caller), isLast: view.isOver,
                        watches: view.watches)
                }
                return stream.reply(to: call.request)
            }),
        .get(
            "/v1/sessions/{id}/breakdown", visitors, "The bill, every line explained.",
            answers: [.ok(.breakdown)],
            breakdown),
        .get(
            "/v1/sessions/{id}/timeline", .auditors,
            "What the charger said, what was asked of the gateway, what was booked, in one list.",
            answers: [.ok(.list(of: .timelineEntry))],
            { call in
                let view = try await call.session(try call.id(of: "session"))
                let entries = try await call.read { tx in try Timeline.entries(of: view.session, in: tx) }
                return .ok(["data": .array(entries)])
            }),
        .get(
            "/v1/sessions/{id}/meter_data", visitors.subtracting([.siteHost]),
            "What the meter told: readings, and signed records as they came, also as a container for transparency software.",
            query: [
                Query.Parameter(
                    name: "format", shape: .word(["json", "xml"]),
                    note: "\"xml\" gives the signed records in a container.")
            ],
            answers: [.ok(.meterData), .bytes("application/xml")],
            { call in
                let view = try await call.session(try call.id(of: "session"))
                let data = try await call.read { tx in try MeterData(of: view.session, in: tx) }
                guard call.query["format"] == "xml" else { return .ok(data.json) }
                return .bytes(Array(data.xml.utf8), type: "application/xml; charset=utf-8")
            }),
        .post(
            "/v1/sessions/{id}/stop", [.guest, .driver, .operator, .service],
            "Ask the charger to stop.",
            answers: [.ok(.session), .accepted(.session)],
            { call in
                let id: SessionID = try call.id(of: "session")
                _ = try await call.session(id)
                let outcome = try await RequestRemoteStop(desk: call.desk)(id)
                let json = try await call.session(id).json(call.desk, for: call.caller)
                return outcome == .asked ? .accepted(json, at: "/v1/sessions/\(id)") : .ok(json)
            }),
        .post(
            "/v1/sessions/{id}/review", .operators, "Decide about a session in review: bill it, or not.",
            request: ObjectShape(
                "Review",
                [
                    .must("decision", .word(WorkDecision.reviews.map(\.rawValue))),
                    .must("reason", .longText),
                    .may("energy_wh", .count, "For \"bill_energy\"."),
                    .may("register_wh", .count, "For \"bill_from_register\"."),
                    .may("account", .id("acc"), "Who pays, if nobody does yet."),
                ]),
            answers: [.ok(.session)], problems: [.invalidState, .currencyMismatch], review),
    ]

    private static func review(_ call: Call) async throws -> Reply {
        let body = call.body
        let verdict = ReviewSession.Verdict(
            try body.need("decision", try body.word("decision")),
            because: try body.need("reason", body.text("reason")),
            energy: try WorkItemRoutes.energy(body, "energy_wh"),
            register: try WorkItemRoutes.energy(body, "register_wh"), account: try body.id("account"))
        let id: SessionID = try call.id(of: "session")
        _ = try await ReviewSession(desk: call.desk)(id, verdict, by: try call.author)
        return .ok(try await call.session(id).json(call.desk, for: call.caller))
    }

    private static let filters = [
        Query.Parameter(name: "site", shape: .id("site"), note: "At this site.", isRepeatable: true),
        Query.Parameter(name: "station", shape: .id("sta"), note: "At this station.", isRepeatable: true),
        Query.Parameter(name: "evse", shape: .id("evse"), note: "At this EVSE.", isRepeatable: true),
        Query.Parameter(
            name: "account", shape: .id("acc"), note: "Paid by this account.", isRepeatable: true),
        Query.Parameter(
            name: "token", shape: .id("tok"), note: "Started with this token.", isRepeatable: true),
        Query.Parameter(
            name: "status", shape: .word(SessionStatus.allCases.map(\.rawValue)), note: "In this state.",
            isRepeatable: true),
        Query.Parameter(name: "started_from", shape: .instant, note: "Started then or later."),
        Query.Parameter(name: "started_to", shape: .instant, note: "Started before then."),
    ]

    private static func list(_ call: Call) async throws -> Reply {
        var page = try Page(call, prefix: "ses")
        for (column, name) in [
            ("site", "site"), ("station", "station"), ("evse", "evse"), ("account", "account"),
            ("token", "token"),
            ("status", "status"),
        ] as [(Column, String)] { page.narrow(column, by: name) }
        page.filter.from["started_at"] = call.query.instant("started_from")
        page.filter.to["started_at"] = call.query.instant("started_to")
        let organisation = try call.organisation
        let caller = call.caller
        let filter = page.filter
        let (views, hasMore) = try await call.read { tx in
            var narrowed = filter
            try caller.narrow(&narrowed, of: SessionRecord.self, in: tx)
            let (rows, hasMore) = try tx.page(of: SessionRecord.self, for: organisation, narrowed)
            return (try rows.map { try SessionView($0, in: tx) }, hasMore)
        }
        let shown = Dictionary(uniqueKeysWithValues: views.map { ($0.session.id, $0) })
        return .ok(
            try page.json(views.map(\.session), hasMore: hasMore, id: { $0.id.text }) {
                try shown[$0.id]?.json(call.desk, for: caller) ?? .null
            })
    }

    /// The bill as it was rated, or the running one: the same rater, as if the session ended now.
    private static func breakdown(_ call: Call) async throws -> Reply {
        let view = try await call.session(try call.id(of: "session"))
        guard let bill = view.bill, let quote = view.quote else {
            throw Problem(
                .invalidState, "Nobody pays for this session, so it has no price.",
                extras: ["state": "unpaid"])
        }
        let isFinal = try bill.ratedBill != nil
        let rated =
            try bill.ratedBill
            ?? RateSession(zones: call.desk.zones)(
                view.session.folded, under: quote, asOf: call.desk.clock.now)
        return .ok(
            rated.breakdown.adding([
                "session": .id(view.session.id), "final": .bool(isFinal),
                "tariff_hash": .string(quote.tariffHash),
            ]))
    }
}

/// A session with what belongs to it, read in one go.
struct SessionView: Sendable {
    let session: SessionRecord
    let bill: BillRecord?
    let quote: QuoteRecord?
    let payment: PaymentRecord?
    let receipt: DocumentRecord?
    let checkout: CheckoutRecord?

    init(_ session: SessionRecord, in tx: Tx) throws {
        self.session = session
        checkout = try session.checkout.flatMap { try tx.find(CheckoutRecord.self, $0) }
        bill = try session.bill.flatMap { try tx.find(BillRecord.self, $0) }
        quote = try bill.flatMap { try tx.find(QuoteRecord.self, $0.quote) }
        let payments = try bill.map { try tx.payments(of: $0.id) } ?? []
        payment = payments.last { !["declined", "voided"].contains($0.status) } ?? payments.last
        receipt = try bill.map { try tx.documents(of: $0.id) }?.first { $0.kind == "receipt" }
    }

    /// Rises with each change of anything shown.
    var version: Int64 { session.version + (bill?.version ?? 0) + (payment?.version ?? 0) }

    /// Whether nothing will change any more.
    var isOver: Bool {
        guard session.status == .final || session.status == .startFailed else { return false }
        guard let bill else { return true }
        return ["settled", "zero_rated", "cancelled", "in_debt", "written_off"].contains(bill.status)
    }

    /// Everything whose change should be seen.
    var watches: Set<String> {
        var ids: Set<String> = [session.id.text]
        if let bill { ids.insert(bill.id.text) }
        if let payment { ids.insert(payment.id.text) }
        if let checkout = session.checkout { ids.insert(checkout.text) }
        return ids
    }

    /// As the API shows it to this caller: a host learns nothing of drivers and how they pay (api.md §2).
    func json(_ desk: Desk, for caller: Caller) throws -> JSON {
        let json = try json(desk)
        guard caller.scope == .siteHost else { return json }
        let shown: [String: JSON] = [
            "account": .null, "token_masked": .null, "checkout": .null, "funding": .null, "receipt": .null,
            "metadata": .metadata(nil),
        ]
        return .object(
            (json.object ?? []).map { member in JSON.Member(member.key, shown[member.key] ?? member.value) })
    }

    private func json(_ desk: Desk) throws -> JSON {
        let end = session.endedAt ?? max(desk.clock.now, session.startedAt)
        let live = session.live
        let isHeld =
            payment.map { $0.authorizedAt != nil && $0.capturedAt == nil && $0.releasedAt == nil } ?? false
        return [
            "id": .id(session.id), "status": .word(session.status), "site": .id(session.site),
            "station": .id(session.station), "evse": .id(session.evse), "account": .id(session.account),
            "token_masked": .text(session.checkout == nil ? session.tokenMasked : nil),
            "checkout": .id(session.checkout), "started_at": .time(session.startedAt),
            "ended_at": .time(session.endedAt), "energy_wh": JSON(session.energy.wattHours),
            "power_w": session.endedAt == nil ? .integer(session.folded.power?.watts) : JSON(0),
            "state_of_charge_percent": .text(
                session.folded.stateOfCharge.map { fixedPointText(Int128($0), scale: 6) }),
            "duration_s": JSON((end - session.startedAt).seconds), "cost": .money(total ?? live?.cost),
            "held": .money(isHeld ? payment?.hold : nil), "stops_at": .money(live?.stopsAt ?? quote?.stopsAt),
            "limits": quote.flatMap { quote in checkout.map { $0.limitsJSON(in: quote.currency) } } ?? .null,
            "phase": session.endedAt == nil ? phase : .null,
            "idle": ["starts_at": .time(try idleFrom(desk.zones))],
            "funding": funding, "bill": billed, "receipt": .text(receipt?.id),
            "signed_data": .string(session.signedFrames > 0 ? "stored" : "none"),
            "stop_asked_at": .time(session.stopAskedAt), "stop_cause": .text(session.stopCause?.rawValue),
            "stop_reason": .text(session.folded.stopReason),
            "flags": .array(session.folded.flags.sorted().map { .string($0.rawValue) }),
            "metadata": .metadata(checkout?.metadata),
            "created_at": .time(session.createdAt), "version": JSON(version),
        ]
    }

    private var total: Money? {
        guard let bill, let total = bill.totalMinor else { return nil }
        return Money(minorUnits: total, currency: bill.currency)
    }

    /// From when a vehicle that draws nothing any more pays for standing there; nil while it charges, or where that is free.
    private func idleFrom(_ zones: any ZoneReader) throws -> Instant? {
        guard session.status == .running, let quote, case .byVehicle(let since) = session.folded.standstill
        else { return nil }
        let zone = try zones.rules(of: quote.timeZone, from: since, to: since)
        return try Tariff.decode(ocpi: quote.tariff).0.idleFee(since: since, in: zone)?.startsAt
    }

    private var phase: JSON {
        guard let kind = session.live?.phaseKind else { return .null }
        return [
            "kind": .string(kind), "price": .text(session.live?.phasePrice),
            "per": .text(session.live?.phaseUnit),
        ]
    }

    private var funding: JSON {
        guard let payment else { return .null }
        return ["kind": .word(payment.source), "payment": .id(payment.id)]
    }

    private var billed: JSON {
        guard let bill else { return .null }
        let shown = ["rated": "settling", "zero_rated": "nothing_charged"][bill.status] ?? bill.status
        return ["id": .id(bill.id), "status": .string(shown), "total": .money(total)]
    }
}

extension Call {
    /// A session, if the caller may see it.
    func session(_ id: SessionID) async throws -> SessionView {
        let caller = caller
        let view = try await read { tx -> SessionView? in
            guard let session = try tx.find(SessionRecord.self, id), try caller.sees(session, in: tx) else {
                return nil
            }
            if case .guest(let checkout) = caller, session.checkout != checkout.id { return nil }
            return try SessionView(session, in: tx)
        }
        guard let view else { throw Problem.notFound("session") }
        return view
    }
}

extension Tariff {
    /// What a vehicle that has drawn nothing since an instant runs into: the price, and from when.
    func idleFee(since: Instant, in zone: ZoneRules) -> (price: DisplayPrice, startsAt: Instant)? {
        displayPrices(at: since, in: zone).first { $0.kind == .idle }.map {
            ($0, since + .seconds($0.graceSeconds ?? 0))
        }
    }
}

extension SessionLimits {
    /// As they were sent.
    init(_ body: Body) {
        self.init(
            energy: body.integer("energy_wh").map { Energy(wattHours: $0) },
            duration: body.integer("duration_s").map { Elapsed.seconds($0) })
    }
}

extension CheckoutRecord {
    /// What the driver wants it to end at, as the API shows it; null for nothing.
    func limitsJSON(in currency: Currency) -> JSON {
        guard limitMinor != nil || limits != nil else { return .null }
        return [
            "cost": .money(limitMinor.map { Money(minorUnits: $0, currency: currency) }),
            "energy_wh": .integer(limits?.energy?.wattHours),
            "duration_s": .integer(limits?.duration?.seconds),
        ]
    }
}

extension ObjectShape {
    private static let energyAndTime: [Field] = [
        .may("energy_wh", .integer(1...10_000_000), "At most this much, give or take a meter value."),
        .may("duration_s", .integer(60...2_592_000), "At most this long from its start, 30 days at most."),
    ]

    /// What a session ends at besides its cost.
    static let measuredLimits = ObjectShape("MeasuredLimits", energyAndTime)

    /// What a session ends at.
    static let sessionLimits = ObjectShape("SessionLimits", [.may("cost", .money)] + energyAndTime)

    /// One charging session.
    static let session = ObjectShape(
        "Session",
        [
            .must("id", .id("ses")), .must("status", .word(SessionStatus.allCases.map(\.rawValue))),
            .must("site", .id("site")), .must("station", .id("sta")), .may("evse", .id("evse")),
            .may("account", .id("acc")), .may("token_masked", .shortText), .may("checkout", .id("chk")),
            .must("started_at", .instant), .may("ended_at", .instant),
            .must("energy_wh", .integer(Int64.min...Int64.max)), .may("power_w", .count),
            .may("state_of_charge_percent", .decimal), .must("duration_s", .count), .may("cost", .money),
            .may("held", .money), .may("stops_at", .money, "The running cost at which it is stopped."),
            .may("limits", .object(.sessionLimits), "What the driver wants it to end at."),
            .may(
                "phase",
                .object(
                    ObjectShape(
                        "Phase",
                        [.must("kind", .shortText), .may("price", .decimal), .may("per", .shortText)]))),
            .must(
                "idle", .object(ObjectShape("Idle", [.may("starts_at", .instant)])),
                "From when standing there without charging costs something; null while it charges."),
            .may(
                "funding",
                .object(
                    ObjectShape(
                        "Funding",
                        [.must("kind", .word(["card", "wallet", "external"])), .must("payment", .id("pay"))]))
            ),
            .may(
                "bill",
                .object(
                    ObjectShape(
                        "BillSummary",
                        [.must("id", .id("bil")), .must("status", .shortText), .may("total", .money)]))),
            .may("receipt", .id("rcp")), .must("signed_data", .word(["none", "pending", "stored"])),
            .may("stop_asked_at", .instant),
            .may(
                "stop_cause", .word(StopCause.allCases.map(\.rawValue)),
                "Why the station was asked to stop it."),
            .may("stop_reason", .shortText, "The station's own word."),
            .must("flags", .list(.shortText, max: 50), "What is unusual about it."),
            .must("metadata", .texts, "The words that it was started with."),
            .must("created_at", .instant),
            .must("version", .count),
        ])

    /// A priced session.
    static let breakdown = ObjectShape(
        "Breakdown",
        [
            .must("session", .id("ses")), .must("final", .flag, "False while the session runs."),
            .must("lines", .list(.line)), .must("taxes", .list(.tax)), .must("net", .money),
            .must("total", .money),
            .must("tariff_hash", .shortText), .must("rounding_policy", .shortText),
            .must("notes", .list(.note)),
        ])

    /// Something that happened around a session.
    static let timelineEntry = ObjectShape(
        "TimelineEntry",
        [
            .must("at", .instant),
            .must("source", .word(["charger", "command", "decision", "payment", "ledger", "document"])),
            .must("what", .shortText), .may("object", .shortText), .may("detail", .longText),
        ])
}
