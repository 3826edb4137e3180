// SPDX-License-Identifier: Apache-2.0
import Foundation
import Quantities
import Testing
import Web

@Suite("Pages", .timeLimit(.minutes(1)))
struct PagesTests {
    @Test("every state of a visit looks as it was approved", arguments: Samples.visits.map(\.name))
    func visitSnapshots(name: String) throws {
        let state = try #require(Samples.visits.first { $0.name == name }?.state)

        let html = Samples.visit(state).html(Samples.shown)

        try expectSnapshot(html, "visit-\(name)")
    }

    @Test("every page of the console looks as it was approved", arguments: Samples.console.map(\.name))
    func consoleSnapshots(name: String) throws {
        let html = try #require(Samples.console.first { $0.name == name }?.html)

        try expectSnapshot(html, "console-\(name)")
    }

    @Test("the point's page looks as it was approved, free, in use and in German")
    func pointSnapshots() throws {
        try expectSnapshot(Samples.point().html(Samples.shown), "point")
        try expectSnapshot(Samples.point().html(Samples.german), "point-german")
        try expectSnapshot(Samples.point(.inUse(since: Samples.start)).html(Samples.shown), "point-in-use")
        for (name, shown) in [("point-faults", Samples.shown), ("point-faults-german", Samples.german)] {
            try expectSnapshot(Samples.pointWithFaults.html(shown), name)
        }
        var unpriced = Samples.point()
        unpriced.prices = nil
        try expectSnapshot(unpriced.html(Samples.shown), "point-no-price")
    }

    @Test("pages that only say something look as they were approved")
    func noticeSnapshots() throws {
        let notices: [(String, NoticeScreen.Notice)] = [
            ("unknown-point", .unknownPoint(code: "K7QM2")), ("not-found", .notFound),
            ("failed", .failed(request: "req_01J9")), ("no-receipt", .noReceipt(secret: Samples.secret)),
        ]
        for (name, notice) in notices {
            let html = NoticeScreen(frame: Samples.frame, notice: notice).html(Samples.shown)
            try expectSnapshot(html, "notice-\(name)")
        }
        let price = PriceScreen(
            place: Samples.place, secret: Samples.secret, breakdown: Samples.breakdown,
            prices: Samples.prices,
            roundingPolicy: "line-half-up/1", tariff: ("trv_01J9", "sha256:9f2c"))
        try expectSnapshot(price.html(Samples.shown), "price")
        let landing = LandingScreen(
            frame: Samples.frame, points: [("K7QM2X", "Parkhaus am Hafen", .free)])
        try expectSnapshot(landing.html(Samples.shown), "landing")
        let problem = try #require(ProblemScreen(code: "quote_expired"))
        try expectSnapshot(problem.html(Samples.shown), "problem")
    }

    @Test("each problem code has a page with its meaning and its remedy", arguments: Problem.Code.allCases)
    func problemPages(code: Problem.Code) throws {
        let html = try #require(ProblemScreen(code: code.rawValue)).html(Samples.shown)

        #expect(html.contains(code.rawValue))
        #expect(code.meaning.count > 20 && code.remedy.count > 10)
        #expect(ProblemScreen(code: code.rawValue + "x") == nil)
    }
}

@Suite("Texts that drivers are promised", .timeLimit(.minutes(1)))
struct PromisedTextTests {
    /// The texts in quotes of experience.md §1, as they stand in the page's source.
    private static let promised: [(screen: String, text: String)] = [
        ("point", "0.49 €/kWh"),
        ("point", "from 5 min after charging ends: 0.10 €/min, at most 12.00 €"),
        ("point", "no session fee"), ("point", "incl. 19 % VAT"),
        ("point", "This price will not change during your session."), ("point", "20 kWh ≈ 9.80 €"),
        ("point", "We reserve 40.00 €. You pay only what you use; the rest is released right after."),
        ("point", "A reservation is not a charge."),
        ("quoted", "We reserve 40.00 €. You pay only what you use; the rest is released right after."),
        ("quoted", "A reservation is not a charge."), ("starting", "Plug in now"),
        ("start-failed", "Not started. Try again with the same reservation (45 s)"),
        ("start-failed", "If you do not try again, 40.00 € are released by themselves within a minute."),
        ("start-failed-releasing", "40.00 € are being released. Nothing was charged."),
        ("never-started", "The charger did not start"), ("never-started", "Released 40.00 € at "),
        ("charging", "Cost so far 6.05 €, same calculation as your bill"),
        ("charging", "Updated 2 s ago"),
        ("charging-near-limit", "Charging stops at 34.62 €, or raise the limit"),
        ("charging-offline", "still charging, values follow"),
        ("idle-warning", "Your car has finished. From 14:14 it costs 0.10 €/min. Please move it."),
        ("paused", "Paused by the charger. No fee."),
        ("finished", "Paid 18.37 €. 21.63 € released at 14:52; your bank may show it for some days."),
        ("nothing-charged", "Nothing was charged."), ("settling", "We are confirming the payment"),
    ]

    @Test("a promised text is on its screen, word by word", arguments: promised.indices)
    func textIsThere(index: Int) throws {
        let (screen, text) = Self.promised[index]
        let state = Samples.visits.first { $0.name == screen }?.state

        let html =
            state.map { Samples.visit($0).html(Samples.shown) } ?? Samples.point().html(Samples.shown)

        #expect(html.contains(text), "\(screen) does not say “\(text)”")
    }

    @Test("after a failed start the page says in every language what becomes of the hold")
    func failedStart() throws {
        for (shown, first, then, last) in [
            (
                Samples.shown, "40.00 € are released by themselves within a minute",
                "40.00 € are being released", "Released 40.00 € at "
            ),
            (
                Samples.german, "werden 40,00 € innerhalb einer Minute von selbst freigegeben",
                "40,00 € werden freigegeben", "40,00 € um "
            ),
        ] {
            for (name, text) in [
                ("start-failed", first), ("start-failed-releasing", then), ("never-started", last),
            ] {
                let state = try #require(Samples.visits.first { $0.name == name }?.state)
                let html = Samples.visit(state).html(shown)
                    .replacingOccurrences(of: "\u{A0}", with: " ").replacingOccurrences(
                        of: "\u{202F}", with: " ")
                #expect(html.contains(text), "\(name) does not say “\(text)”")
                #expect(html.contains("/start\"") == (name == "start-failed"), "\(name)")
            }
        }
    }

    @Test("while the payment is being confirmed there is no second button to pay")
    func noSecondButton() {
        for name in ["settling", "in-review", "finished", "charging"] {
            guard let state = Samples.visits.first(where: { $0.name == name })?.state else { continue }
            #expect(!Samples.visit(state).html(Samples.shown).contains("/pay\""))
        }
    }

    @Test("a driver's page always names the phone that helps")
    func phoneIsThere() {
        for visit in Samples.visits {
            let html = Samples.visit(visit.state).html(Samples.shown)
            #expect(html.contains(#"href="tel:+493055501234""#), "\(visit.name) has no phone")
        }
    }

    @Test("an amount that was captured in full is not said to release anything")
    func capturedInFull() {
        var finished = Samples.finished
        finished.captured = finished.reserved
        let html = Samples.visit(.finished(finished)).html(Samples.shown)

        #expect(html.contains("Paid 40.00 €."))
        #expect(!html.contains("released at"))
    }
}
