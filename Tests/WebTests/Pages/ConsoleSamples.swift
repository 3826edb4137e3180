// SPDX-License-Identifier: Apache-2.0
import Quantities
import Web

extension Samples {
    static let consoleFrame = ConsoleFrame(
        organisation: "Nordlicht Laden", isTest: true, openWork: 2, formToken: "f0", now: now)

    static var liveRow: SessionRow {
        var row = SessionRow(
            id: id(1), code: "K7QM2X", place: "Parkhaus am Hafen · DE*AMP*E0001*1", status: "running",
            startedAt: start, energy: Energy(wattHours: 12_340))
        row.power = Power(watts: 131_000)
        row.cost = .eur(6_05)
        return row
    }

    static var walletRow: SessionRow {
        var row = SessionRow(
            id: id(2), code: "K7QM3B", place: "Parkhaus am Hafen · DE*AMP*E0002*1", status: "starting",
            startedAt: now - .seconds(31), energy: .zero)
        row.payer = .account("Stadtwerke Flotte")
        return row
    }

    static var endedRow: SessionRow {
        var row = SessionRow(
            id: id(3), code: "K7QM2X", place: "Parkhaus am Hafen · DE*AMP*E0001*1", status: "final",
            startedAt: start - .hours(3), energy: Energy(wattHours: 37_490))
        row.endedAt = start - .minutes(133)
        row.cost = .eur(18_37)
        return row
    }

    static let stationRows = [
        StationRow(
            id: id(11), identity: "hafen-01", model: "Alpitronic HYC150 · OCPP 2.0.1",
            site: "Parkhaus am Hafen",
            presence: .online(seenAt: now - .seconds(9)), points: [.init(code: "K7QM2X", status: "charging")]),
        StationRow(
            id: id(12), identity: "hafen-02", model: "OCPP 1.6", site: "Parkhaus am Hafen",
            presence: .offline(lastSeenAt: now - .hours(2)),
            points: [.init(code: "K7QM4R", status: "unavailable")]),
        StationRow(
            id: id(13), identity: "CP-NEW-7", model: "", site: "", presence: .offline(lastSeenAt: nil),
            points: []),
    ]

    private static var conflict: WorkRow {
        var row = WorkRow(
            id: id(41), reason: "stop_conflict", detail: "5.000 kWh on hafen-01", object: "ses_01J9",
            session: id(4), openedAt: now - .hours(5), amount: .eur(7_12))
        row.decisions = ["first_stop", "second_stop", "last_sample", "waive"]
        row.facts = [
            .init("energy_wh", "14530"), .init("started_at", "2026-03-14T12:02:00Z"),
            .init("token", "•••• D4E5"),
        ]
        return row
    }

    private static var orphan: WorkRow {
        var row = WorkRow(
            id: id(43), reason: "orphan_stop", detail: "hafen-02 stopped a transaction that nobody began",
            object: "sta_01J9#-1", session: nil, openedAt: now - .hours(30), amount: .eur(2_45))
        row.decisions = ["attach", "bill_from_register", "waive"]
        row.candidates = ["ses_01J9ZK3V7Q2M5X8R4T6W9Y0B1C", "ses_01J9ZK3V7Q2M5X8R4T6W9Y0B1D"]
        row.standard = ("waive", now + .hours(24 * 29))
        return row
    }

    static let workRows = [
        conflict, orphan,
        WorkRow(
            id: id(42), reason: "unmatched_money",
            detail: "The gateway paid out 3.20 € that nothing here expects.",
            object: "pay_01J9", session: nil, openedAt: now - .minutes(17), amount: .eur(3_20)),
    ]

    static var overview: OverviewScreen {
        var screen = OverviewScreen(
            frame: consoleFrame,
            money: .init(owed: [.eur(412_66)], received: [.eur(394_29)], held: [.eur(65_00)]),
            socket: "wss://charge.example/ocpp")
        screen.sessions = [liveRow, walletRow]
        screen.stations = stationRows
        screen.work = workRows
        screen.samplePoint = "K7QM2X"
        return screen
    }

    static var emptyOverview: OverviewScreen {
        var screen = OverviewScreen(
            frame: ConsoleFrame(organisation: "New Charging Ltd", isTest: false, openWork: 0, now: now),
            money: .init(owed: [], received: [], held: []), socket: "wss://charge.example/ocpp")
        screen.samplePoint = "K7QM2X"
        screen.steps = [
            .init(name: "Create a site", detail: "POST /v1/sites", isDone: true),
            .init(name: "Publish a tariff", detail: "POST /v1/tariffs", isDone: false),
        ]
        return screen
    }

    static var session: SessionScreen {
        var capture = SessionScreen.Entry(
            at: start + .minutes(48), .payment, "capture", detail: "Sandbox · succeeded · attempt 1",
            amount: .eur(18_37))
        capture.url = .list(.payments)
        var frame = SessionScreen.Entry(at: start, .charger, "TransactionEvent Started")
        frame.raw = #"[2,"17","TransactionEvent",{"eventType":"Started","seqNo":0}]"#
        var screen = SessionScreen(
            frame: consoleFrame, row: endedRow,
            entries: [
                .init(
                    at: start - .seconds(42), .payment, "authorize", detail: "Sandbox · succeeded",
                    amount: .eur(40_00)),
                .init(at: start - .seconds(40), .decision, "request start", detail: "accepted"), frame,
                .init(at: start + .minutes(20), .reading, "18.200 kWh", detail: "131.0 kW"),
                .init(at: start + .minutes(47), .charger, "TransactionEvent Ended", detail: "EVDisconnected"),
                .init(at: start + .minutes(47), .ledger, "SessionOwed", amount: .eur(18_37)), capture,
                .init(at: start + .minutes(48), .ledger, "CaptureReceived", amount: .eur(18_37)),
                .init(at: start + .minutes(48), .document, "receipt", detail: "R-2027-000017"),
            ], canStop: false)
        screen.hold = .eur(40_00)
        screen.captured = .eur(18_37)
        screen.stopReason = Words(.english)(.stopCostLimit)
        screen.breakdown = breakdown
        screen.proof = "Tariff trv_01J9, sha256:9f2c, fixed 2027-03-01 14:01."
        screen.chart = chart
        return screen
    }

    static var payments: [PaymentRow] {
        var paid = PaymentRow(
            id: id(21), status: "captured", createdAt: start, reserved: .eur(40_00), captured: .eur(18_37))
        paid.instrument = "visa 4242"
        paid.gateway = "Sandbox"
        paid.reference = "pi_3Nk"
        paid.releasedAt = start + .minutes(48)
        paid.session = id(3)
        let doubt = PaymentRow(
            id: id(22), status: "in_doubt", createdAt: now, reserved: .eur(25_00), captured: .zero(.eur))
        return [doubt, paid]
    }

    static var station: StationScreen {
        var screen = stationWithoutLog
        var frame = StationScreen.Log.Message(
            at: start, isFromStation: true, action: "TransactionEvent", id: "17",
            text: #"[2,"17","TransactionEvent",{"eventType":"Started"}]"#)
        frame.session = id(3)
        var answer = StationScreen.Log.Message(
            at: start, isFromStation: false, action: "", id: "17", text: #"[3,"17",{}]"#)
        answer.remark = "an answer that nobody waited for"
        screen.log = .init(search: "17", messages: [answer, frame], olderQuery: "q=17&before=frm_01J9")
        return screen
    }

    private static let stationWithoutLog = StationScreen(
        frame: consoleFrame, row: stationRows[0],
        details: [("Serial number", "HYC-00042"), ("Firmware", "2.6.1")],
        points: [
            .init(
                name: "DE*AMP*E0001*1", code: "K7QM2X", status: "charging", facts: ["CCS", "150 kW"],
                address: "https://charge.example/e/K7QM2X",
                qrSVG: #"<svg viewBox="0 0 29 29"><rect width="29" height="29" fill="white"/></svg>"#)
        ], sessions: [endedRow])

    static var ledger: LedgerScreen {
        var screen = wholeLedger
        screen.olderQuery = "before=31"
        return screen
    }

    static var accountLedger: LedgerScreen {
        var screen = wholeLedger
        screen.account = "Assets:Receivable:Session"
        return screen
    }

    static var work: ListScreen {
        var closed = workRows[1]
        closed.answer = .init(decision: "done", by: "key_01J9", at: now, note: "Asked the gateway.")
        return ListScreen(frame: consoleFrame, rows: .work([workRows[0], closed]))
    }

    static var sessions: ListScreen {
        var screen = ListScreen(
            frame: consoleFrame, rows: .sessions([liveRow, walletRow, endedRow]),
            filters: [.init(status: nil, isCurrent: true), .init(status: "in_review", isCurrent: false)],
            olderQuery: "after=ses_01J9")
        screen.search = .init(point: "K7QM2X", from: "2027-03-01", to: "", status: "")
        return screen
    }

    private static let wholeLedger = LedgerScreen(
        frame: consoleFrame,
        balances: [
            .init(account: "Assets:Clearing:Sandbox", posted: .eur(18_37), pending: .eur(40_00)),
            .init(account: "Income:Energy", posted: .eur(-15_44), pending: .zero(.eur)),
            .init(account: "Liabilities:Tax:VAT-DE-19", posted: .eur(-2_93), pending: .zero(.eur)),
        ], proofs: [.init(sum: .zero(.eur), transactions: 2)],
        transactions: [
            .init(
                id: id(31), template: "CaptureReceived", recordedAt: start + .minutes(48),
                entries: [
                    .init(account: "Assets:Clearing:Sandbox", amount: .eur(18_37)),
                    .init(account: "Assets:Receivable:Session", amount: .eur(-18_37)),
                ], session: id(3)),
            .init(
                id: id(32), template: "SessionOwed", recordedAt: start + .minutes(47),
                entries: [
                    .init(account: "Assets:Receivable:Session", amount: .eur(18_37)),
                    .init(account: "Income:Energy", amount: .eur(-15_44)),
                    .init(account: "Liabilities:Tax:VAT-DE-19", amount: .eur(-2_93)),
                ], session: id(3)),
        ])

    /// Every page of the console, by the name of its snapshot.
    static var console: [(name: String, html: String)] {
        let frame = consoleFrame
        return tariffPages + [
            ("overview", overview.html(shown)), ("overview-empty", emptyOverview.html(shown)),
            ("sessions", sessions.html(shown)),
            ("sessions-empty", ListScreen(frame: frame, rows: .sessions([])).html(shown)),
            ("session", session.html(shown)),
            (
                "stations",
                ListScreen(frame: frame, rows: .stations(stationRows, socket: "wss://charge.example/ocpp"))
                    .html(shown)
            ), ("station", station.html(shown)),
            ("payments", ListScreen(frame: frame, rows: .payments(payments)).html(shown)),
            ("ledger", ledger.html(shown)), ("ledger-account", accountLedger.html(shown)),
            ("work", work.html(shown)),
            ("work-empty", ListScreen(frame: frame, rows: .work([])).html(shown)),
            ("sign-in", SignInScreen(frame: Self.frame, isWrongKey: true).html(shown)),
        ]
    }
}
