// SPDX-License-Identifier: Apache-2.0
import Foundation
import Quantities
import Testing
import Web

@Suite("Pages are safe", .timeLimit(.minutes(1)))
struct SafetyTests {
    private static let attack = #"<script>alert(1)</script>"'&"#

    /// Every text that somebody else chose, in every screen.
    private static var attacked: [(String, String)] {
        let place = PointPlace(
            frame: PageFrame(organisation: attack, supportPhone: attack), site: attack, address: attack,
            code: attack)
        var point = Samples.point(.outOfOrder(attack), place: place)
        point.connectors = [attack]
        point.neighbours = [.init(code: attack, state: .free)]
        var pages: [(String, String)] = [("point", point.html(Samples.shown))]
        for visit in Samples.visits {
            pages.append((visit.name, Samples.visit(visit.state, place: place).html(Samples.shown)))
        }
        let declined = VisitScreen.State.quoted(
            .init(
                prices: nil, hold: .eur(1), quoteHash: attack, problem: .declined(attack)))
        pages.append(("declined", Samples.visit(declined, place: place).html(Samples.shown)))
        let breakdown = Breakdown(
            lines: [.init(kind: attack, arithmetic: attack, why: attack, amount: .eur(1))], taxes: [],
            isTaxIncluded: true, total: .eur(1))
        let price = PriceScreen(
            place: place, secret: attack, breakdown: breakdown, prices: nil, roundingPolicy: attack,
            tariff: (attack, attack))
        pages.append(("price", price.html(Samples.shown)))
        pages.append(
            (
                "notice",
                NoticeScreen(frame: place.frame, notice: .unknownPoint(code: attack)).html(Samples.shown)
            ))
        return pages + attackedConsole
    }

    private static var attackedConsole: [(String, String)] {
        let frame = ConsoleFrame(organisation: attack, isTest: true, openWork: 1, now: Samples.now)
        var row = SessionRow(
            id: Samples.id(1), code: attack, place: attack, status: attack, startedAt: Samples.start,
            energy: .zero)
        row.payer = .account(attack)
        let station = StationRow(
            id: Samples.id(2), identity: attack, model: attack, site: attack,
            presence: .offline(lastSeenAt: nil),
            points: [.init(code: attack, status: attack)])
        let work = WorkRow(
            id: Samples.id(4), reason: attack, detail: attack, object: attack, session: nil,
            openedAt: Samples.start,
            amount: nil)
        var overview = OverviewScreen(
            frame: frame, money: .init(owed: [], received: [], held: []), socket: attack)
        overview.sessions = [row]
        overview.stations = [station]
        overview.work = [work]
        var entry = SessionScreen.Entry(at: Samples.now, .charger, attack, detail: attack)
        entry.raw = attack
        var session = SessionScreen(frame: frame, row: row, entries: [entry], canStop: true)
        session.nextStep = attack
        session.proof = attack
        var sheet = StationScreen(
            frame: frame, row: station, details: [(attack, attack)],
            points: [
                .init(
                    name: attack, code: attack, status: attack, facts: [attack], address: attack,
                    qrSVG: "<svg/>")
            ], sessions: [row])
        var message = StationScreen.Log.Message(
            at: Samples.now, isFromStation: true, action: attack, id: attack, text: attack)
        message.remark = attack
        sheet.log = .init(search: attack, messages: [message])
        var ledger = LedgerScreen(
            frame: frame, balances: [.init(account: attack, posted: .eur(1), pending: .eur(0))],
            proofs: [.init(sum: .eur(1), transactions: 1)],
            transactions: [
                .init(
                    id: Samples.id(3), template: attack, recordedAt: Samples.now,
                    entries: [.init(account: attack, amount: .eur(1))], session: nil)
            ])
        ledger.account = attack
        let finding = ShownFinding(code: attack, severity: .error, path: attack, message: attack)
        let tariffRow = TariffRow(
            id: Samples.id(5), name: attack, priceNow: attack, versions: (1, 1), uses: [attack])
        var tariff = TariffScreen(
            frame: frame, row: tariffRow, uses: [.init(.site, attack)],
            versions: [
                .init(
                    id: Samples.id(6), number: 1, state: .draft, startsAt: Samples.now, hash: attack,
                    findings: [finding])
            ])
        tariff.taxedBy = attack
        tariff.problem = attack
        var editor = TariffEditorScreen(
            frame: frame, tariff: nil, name: attack, currency: attack, text: attack)
        editor.findings = [finding]
        (editor.starts, editor.simple.energy, editor.problem) = (attack, attack, attack)
        let tariffs = ListScreen(frame: frame, rows: .tariffs([tariffRow]))
        return [
            ("tariff", tariff.html(Samples.shown)), ("editor", editor.html(Samples.shown)),
            ("tariffs", tariffs.html(Samples.shown)),
            ("overview", overview.html(Samples.shown)), ("session", session.html(Samples.shown)),
            ("station", sheet.html(Samples.shown)), ("ledger", ledger.html(Samples.shown)),
        ]
    }

    @Test("a name that looks like markup stays text, on every screen")
    func everythingIsEscaped() {
        for (name, html) in Self.attacked {
            #expect(!html.contains("<script>"), "\(name) lets markup through")
            #expect(!html.contains(#""'&"#), "\(name) lets quotes through")
        }
        #expect(Self.attacked.allSatisfy { $0.1.contains("&lt;script&gt;") || $0.0 == "in-debt" })
    }

    @Test("no page asks another host for anything, and none has inline script or style")
    func nothingForeign() {
        let pages =
            Samples.visits.map { Samples.visit($0.state).html(Samples.shown) } + Samples.console.map(\.html)
        for html in pages {
            #expect(!html.contains("style=\""))
            let scripts = html.matches(of: /<script([^>]*)/)
            #expect(scripts.allSatisfy { $0.1.hasPrefix(" src=\"/assets/") })
            #expect(html.firstMatch(of: /(src|action)="(https?:)?\/\//) == nil)
            #expect(html.firstMatch(of: /\son[a-z]+="/) == nil)
        }
    }

    @Test("each text that the stream replaces is on the page, and each on the page is in the stream")
    func liveTexts() throws {
        for visit in Samples.visits {
            let screen = Samples.visit(visit.state)
            let event = screen.event(Samples.shown)
            let onPage = Self.liveNames(in: screen.html(Samples.shown))
            // The badge is the script's own: it tells the age of the values.
            let inStream = Set(event.rendered.keys).subtracting(["spoken"])
            #expect(onPage.subtracting(["badge"]) == inStream, "\(visit.name)")
        }
        let overview = Samples.overview
        let onPage = Self.liveNames(in: overview.html(Samples.shown))
        #expect(onPage.subtracting(["badge"]) == Set(overview.event(Samples.shown).rendered.keys))
    }

    @Test("what the stream says is what the page says")
    func sameWords() {
        let screen = Samples.visit(.charging(Samples.running))
        let html = screen.html(Samples.shown)
        let event = screen.event(Samples.shown)

        for (name, text) in event.rendered where name != "spoken" {
            #expect(html.contains("data-live=\"\(name)\">\(text)<"), "\(name)")
        }
        #expect(html.contains(#"data-state="\#(event.state)""#))
        #expect(html.contains(#"stroke-dasharray="151 1000""#) && event.used == 151)
        #expect(event.ageSeconds == 2)
    }

    @Test("the state changes whenever the page gets another part")
    func statesDiffer() {
        let states = Samples.visits.map { Samples.visit($0.state).event(Samples.shown).state }

        #expect(Set(states).count == states.count)
    }

    @Test("the first screen is at most 30 KB, even before it is compressed")
    func smallFirstScreen() {
        let page = Samples.point().html(Samples.shown).utf8.count
        let style = PageAsset.style.bytes.count

        #expect(page + style + PageAsset.script.bytes.count <= 40_000)
        #expect(page <= 8_000)
    }

    private static func liveNames(in html: String) -> Set<String> {
        Set(html.matches(of: /data-live="([^"]+)"/).map { String($0.1) })
    }
}
