// SPDX-License-Identifier: Apache-2.0
import Quantities
import Tariffs
import Web

/// One afternoon at one site, from which every screen of the tests is made.
enum Samples {
    static let shown = Shown(zone: ZoneRules(fixedOffsetSeconds: 3600, name: "Europe/Berlin"))
    static let german = Shown(zone: shown.zone, language: .german)
    /// 2027-03-01 14:04:02 at the site.
    static let start = Instant(
        CivilDate("2027-03-01") ?? CivilDate(daysSinceEpoch: 0), secondOfDay: 46_400 + 642)
    static let now = start + .seconds(402)
    static let secret = "5ZkQ0mVb7wK2"
    static let frame = PageFrame(
        organisation: "Nordlicht Laden", isTest: true, supportPhone: "+49 30 5550 1234")
    static let place = PointPlace(
        frame: frame, site: "Parkhaus am Hafen", address: "Kaistraße 12, 20457 Hamburg", code: "K7QM2X")

    static func id<Owner>(_ number: UInt128) -> ID<Owner> { ID(at: start, random: number) }

    static let idlePrice = UnitPrice("0.10", .eur, per: "min")
    static let prices = PriceBox(
        prices: [
            .init(.energy, UnitPrice("0.49", .eur, per: "kWh")),
            .init(.idle, idlePrice, graceSeconds: 300, cap: .eur(12_00)),
        ],
        tax: .included(TaxRate(percent: 19)),
        example: .init(energy: Energy(kilowattHours: 20), duration: .minutes(40), total: .eur(9_80)))

    static var chart: PowerChart {
        let powers: [Int64] = [0, 40, 96, 128, 131, 131, 130, 131, 129, 131, 131, 128, 131, 131]
        return PowerChart(
            points: powers.enumerated().map { index, power in
                .init(
                    at: start + .seconds(Int64(index) * 30), power: Power(watts: power * 1000),
                    energy: Energy(wattHours: Int64(index) * 949))
            })
    }

    static var running: RunningSession {
        var session = RunningSession(
            startedAt: start, energy: Energy(wattHours: 12_340), cost: .eur(6_05), hold: .eur(40_00),
            valuesAt: now - .seconds(2))
        session.power = Power(watts: 131_000)
        session.price = UnitPrice("0.49", .eur, per: "kWh")
        session.nextPrice = .init(at: start + .minutes(176), price: UnitPrice("0.59", .eur, per: "kWh"))
        session.stopsAt = .eur(38_27)
        session.chart = chart
        return session
    }

    static let breakdown = Breakdown(
        lines: [
            .init(
                kind: "energy", arithmetic: "37.490 kWh × 0.49 = 18.3701",
                why: "Element 1: all days, all hours. Rounded half up once.", amount: .eur(18_37))
        ], taxes: [.init(rate: TaxRate(percent: 19), amount: .eur(2_93))], isTaxIncluded: true,
        total: .eur(18_37))

    static let finished = VisitScreen.Finished(
        total: .eur(18_37), energy: Energy(wattHours: 37_490), startedAt: start,
        endedAt: start + .minutes(47),
        reserved: .eur(40_00), captured: .eur(18_37), releasedAt: start + .minutes(48), breakdown: breakdown,
        hasReceipt: true)

    static func visit(_ state: VisitScreen.State, place: PointPlace = place) -> VisitScreen {
        VisitScreen(place: place, secret: secret, state: state, formToken: "form-3", now: now)
    }

    static func point(_ state: PointState = .free, place: PointPlace = place) -> PointScreen {
        PointScreen(
            place: place, state: state, connectors: ["CCS"], ratedPower: Power(watts: 150_000),
            prices: prices,
            choices: OfferChoices(hold: .eur(40_00), consentMaximum: .eur(120_00), takesMail: true),
            neighbours: state == .free
                ? [] : [.init(code: "K7QM3B", state: .free), .init(code: "K7QM4R", state: .outOfService)])
    }

    /// A form that came back: nothing on it can be read but the box.
    static var pointWithFaults: PointScreen {
        var screen = point()
        screen.form.texts = [.limit: "0.50", .energy: "full", .email: "kim@"]
        screen.form.hasConsented = true
        screen.form.faults = [
            .limit: .limitTooSmall(.eur(1_00)), .energy: .energyUnreadable, .email: .emailUnreadable,
        ]
        return screen
    }

    /// Every state of the driver's page, by the name of its snapshot.
    static let visits: [(name: String, state: VisitScreen.State)] = [
        ("quoted", .quoted(.init(prices: prices, hold: .eur(40_00), quoteHash: "sha256:9f"))),
        (
            "declined",
            .quoted(
                .init(
                    prices: prices, hold: .eur(40_00), quoteHash: "sha256:9f",
                    problem: .declined("Your bank declined.")))
        ),
        ("funding", .funding(gateway: "/sandbox/checkout/1")),
        (
            "starting",
            .starting(
                .init(hold: .eur(40_00), isAsked: true, isPluggedIn: false, deadline: now + .seconds(74)))
        ),
        ("start-failed", .startFailed(hold: .eur(40_00), retryUntil: now + .seconds(45))),
        ("start-failed-releasing", .startFailed(hold: .eur(40_00), retryUntil: now - .seconds(1))),
        ("never-started", .neverStarted(hold: .eur(40_00), releasedAt: now - .seconds(20))),
        ("charging", .charging(running)),
        ("charging-with-limits", .charging(limited)), ("charging-near-limit", .charging(nearLimit)),
        ("charging-offline", .charging(offline)),
        (
            "idle-warning",
            .idle(finishedCar, .init(startsAt: now + .seconds(252), price: idlePrice, cap: .eur(12_00)))
        ),
        (
            "idle-fee",
            .idle(finishedCar, .init(startsAt: now - .minutes(3), price: idlePrice, cap: .eur(12_00)))
        ), ("paused", .paused(finishedCar)), ("settling", .settling),
        ("in-review", .inReview(hold: .eur(40_00), until: now + .hours(140))),
        ("finished", .finished(finished)), ("finished-at-limit", .finished(finishedAtLimit)),
        ("nothing-charged", .nothingCharged(hold: .eur(40_00), releasedAt: now)),
        ("cancelled", .cancelled(hold: nil, releasedAt: nil)), ("in-debt", .inDebt(.eur(4_30))),
    ]

    private static var nearLimit: RunningSession {
        var session = running
        session.cost = .eur(34_10)
        session.energy = Energy(wattHours: 69_592)
        session.stopsAt = .eur(34_62)
        session.canRaiseLimit = true
        return session
    }

    private static var limited: RunningSession {
        var session = running
        session.energyLimit = Energy(kilowattHours: 30)
        session.durationLimit = .minutes(90)
        return session
    }

    private static var finishedAtLimit: VisitScreen.Finished {
        var session = finished
        session.stopNote = .energy(Energy(kilowattHours: 37))
        return session
    }

    private static var offline: RunningSession {
        var session = running
        session.offlineSince = now - .minutes(2)
        session.valuesAt = now - .minutes(2)
        session.isStopping = true
        return session
    }

    private static var finishedCar: RunningSession {
        var session = running
        session.power = Power(milliwatts: 0)
        session.price = nil
        session.nextPrice = nil
        return session
    }
}
