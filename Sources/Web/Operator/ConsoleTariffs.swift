// SPDX-License-Identifier: Apache-2.0

import Billing
import HTTPTypes
import Hummingbird
import JSONText
import Quantities
import Storage
import Tariffs

/// The console's tariffs: shown, written with a preview, compared, published.
struct ConsoleTariffs: Sendable {
    let visit: ConsoleVisit

    private var desk: Desk { visit.page.desk }
    private var book: TariffBook { TariffBook(desk: desk) }

    // MARK: pages

    /// A tariff with its versions.
    func tariff(_ id: TariffID?, problem: String? = nil) async throws -> Response {
        let shown = try visit.shown
        let screen = try await desk.store.read { tx -> TariffScreen? in
            guard let tariff = try visit.find(TariffRecord.self, id, in: tx) else { return nil }
            return try TariffScreen(tariff, visit, shown, in: tx)
        }
        guard var screen else { return visit.page.notice(.notFound, .notFound) }
        screen.problem = problem
        return visit.page.page(screen.html(shown), problem == nil ? .ok : .unprocessableContent)
    }

    /// The editor of a tariff that does not exist yet.
    func newEditor() async throws -> Response {
        try await show(try await screen(of: nil, text: Self.firstText))
    }

    /// The editor of a new version, from the version in the address or from none.
    func editor(of id: TariffID?) async throws -> Response {
        let from = visit.page.query["from"].flatMap { TariffVersionID($0) }
        let found = try await desk.store.read { tx -> (TariffRecord, TariffVersionRecord?)? in
            guard let tariff = try visit.find(TariffRecord.self, id, in: tx) else { return nil }
            let version = try visit.find(TariffVersionRecord.self, from, in: tx)
            return (tariff, version?.tariff == tariff.id ? version : nil)
        }
        guard let (tariff, version) = found else { return visit.page.notice(.notFound, .notFound) }
        let text = try version.map { try Self.text(of: $0.body) } ?? Self.firstText
        return try await show(try await screen(of: tariff, text: text))
    }

    /// What a new version begins with.
    private static let firstText = """
        {
          "elements": [
            {
              "price_components": [
                {"type": "ENERGY", "price": "0.49", "step_size": 1}
              ]
            }
          ]
        }
        """

    /// What differs from version to version, as text.
    private static func text(of body: [UInt8]) throws -> String {
        let members = try JSON.parse(body).object ?? []
        let shared: Set<String> = ["id", "currency", "country_code", "party_id", "last_updated"]
        return JSON.object(members.filter { !shared.contains($0.key) }).text(pretty: true)
    }

    private func screen(of tariff: TariffRecord?, text: String) async throws -> TariffEditorScreen {
        let frame = try await desk.store.read { tx in try visit.frame(in: tx) }
        return TariffEditorScreen(
            frame: frame, tariff: tariff?.id, name: tariff?.name ?? "",
            currency: (tariff?.currency ?? visit.organisation.currency).code, text: text)
    }

    private func show(
        _ screen: TariffEditorScreen, _ status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let shown = try visit.shown
        var screen = screen
        let preview = try await TariffPreview(screen.text, screen, visit)
        screen.findings = preview.findings.map(ShownFinding.init)
        screen.box = preview.box
        screen.taxedBy = preview.box == nil ? nil : preview.site
        return visit.page.page(screen.html(shown), status)
    }

    // MARK: what the editor's buttons do

    /// The answer to the editor's form.
    func answer(_ form: Query, to id: TariffID?) async throws -> Response {
        var tariff: TariffRecord?
        if let id {
            tariff = try await desk.store.read { tx in try visit.find(TariffRecord.self, id, in: tx) }
            guard tariff != nil else { return visit.page.notice(.notFound, .notFound) }
        }
        var screen = try await screen(of: tariff, text: form["version"] ?? "")
        if tariff == nil {
            screen.name = (form["name"] ?? "").trimmingBlanks
            screen.currency = (form["currency"] ?? "").trimmingBlanks.uppercased()
        }
        screen.starts = form["starts"] ?? ""
        screen.simple = TariffEditorScreen.Simple(form)
        switch form["action"] {
        case "simple":
            guard let text = screen.simple.version else {
                screen.problem = words(.simpleWrong)
                return try await show(screen, .unprocessableContent)
            }
            screen.text = text
            return try await show(screen)
        case "compare": return try await compare(screen)
        case "save", "publish": return try await save(screen, publishes: form["action"] == "publish")
        default: return try await show(screen)
        }
    }

    private var words: Words { visit.page.shownAnywhere.words }

    private func refuse(
        _ screen: TariffEditorScreen, _ word: Word, _ values: KeyValuePairs<String, String> = [:]
    ) async throws -> Response {
        var screen = screen
        screen.problem = words(word, values)
        return try await show(screen, .unprocessableContent)
    }

    private func save(_ screen: TariffEditorScreen, publishes: Bool) async throws -> Response {
        guard !screen.name.isEmpty else { return try await refuse(screen, .nameMissing) }
        guard let currency = Currency(code: screen.currency) else {
            return try await refuse(screen, .currencyUnknown, ["code": String(screen.currency.prefix(8))])
        }
        let shown = try visit.shown
        let startsAt = shown.instant(ofField: screen.starts)
        guard screen.starts.isEmpty || startsAt != nil else {
            return try await refuse(screen, .startsWrong)
        }
        let draft = TariffBook.Draft(document: screen.document, startsAt: startsAt)
        do {
            let id: TariffID
            if let tariff = screen.tariff {
                _ = try await book.add(draft, to: tariff, publishes: publishes, by: visit.author)
                id = tariff
            } else {
                id = try await book.create(
                    name: screen.name, currency: currency, first: draft, publishes: publishes,
                    by: visit.author
                ).tariff.id
            }
            return .see(.tariff(id))
        } catch AdministrationRefusal.tariffHasErrors(let findings) {
            let codes = findings.map(\.code).joined(separator: ", ")
            return try await refuse(screen, .cannotPublish, ["codes": codes])
        }
    }

    private func compare(_ screen: TariffEditorScreen) async throws -> Response {
        let now = desk.clock.now
        var screen = screen
        do {
            let compared = try await CompareTariff(desk: desk)(
                TariffBook.Draft(document: screen.document), in: .init(from: now - .hours(31 * 24), to: now),
                by: visit.author)
            screen.comparison = TariffEditorScreen.Comparison(compared)
        } catch let error as PricingRefusal {
            return try await refuse(screen, .compareImpossible, ["why": "\(error)"])
        }
        return try await show(screen)
    }

    // MARK: what the tariff's buttons do

    func publish(_ id: TariffID?, _ form: Query) async throws -> Response {
        guard let id, let version = form["version"].flatMap({ TariffVersionID($0) }) else {
            return visit.page.notice(.notFound, .notFound)
        }
        do {
            _ = try await book.publish(version, of: id, by: visit.author)
        } catch AdministrationRefusal.tariffHasErrors(let findings) {
            let codes = findings.map(\.code).joined(separator: ", ")
            return try await tariff(id, problem: words(.cannotPublish, ["codes": codes]))
        } catch AdministrationRefusal.notFound {
            return visit.page.notice(.notFound, .notFound)
        }
        return .see(.tariff(id))
    }

    func archive(_ id: TariffID?) async throws -> Response {
        guard let id else { return visit.page.notice(.notFound, .notFound) }
        do {
            _ = try await book.archive(id, by: visit.author)
        } catch AdministrationRefusal.notFound {
            return visit.page.notice(.notFound, .notFound)
        }
        return .see(.list(.tariffs))
    }
}

extension TariffEditorScreen {
    /// The text as an OCPI tariff, with what all versions share filled in; what is no object stays as it is.
    var document: [UInt8] {
        // What cannot be read is told by whoever reads the tariff, with its place.
        guard let members = (try? JSON.parse(text))?.object else { return Array(text.utf8) }
        let shared = [JSON.Member("id", .string(name)), JSON.Member("currency", .string(currency))]
        let own = members.filter { member in !shared.contains { $0.key == member.key } }
        return JSON.object(shared + own).serialized()
    }
}

extension TariffEditorScreen.Simple {
    fileprivate init(_ form: Query) {
        self.init()
        func field(_ name: String) -> String {
            (form[name] ?? "").trimmingBlanks.replacing(",", with: ".")
        }
        (energy, session, idle) = (field("energy"), field("session"), field("idle"))
        (grace, cap) = (field("grace"), field("cap"))
    }

    /// The version that these fields mean; nil if one of them is no number or none is filled in.
    fileprivate var version: String? {
        func rate(_ text: String) -> Rate?? {
            text.isEmpty ? .some(nil) : Rate(decimal: text).map { .some($0) }
        }
        guard let energy = rate(energy), let session = rate(session), let idle = rate(idle),
            let cap = rate(cap), let minutes = grace.isEmpty ? 0 : Int64(grace), (0...1440).contains(minutes)
        else { return nil }
        var components: [JSON] = []
        if let energy { components.append(Self.component("ENERGY", energy.decimal)) }
        if let session { components.append(["type": "FLAT", "price": .string(session.decimal)]) }
        if let idle {
            let (hourly, overflow) = idle.billionths.multipliedReportingOverflow(by: 60)
            guard !overflow else { return nil }
            var members = Self.component("PARKING_TIME", Rate(billionths: hourly).decimal).object ?? []
            if minutes > 0 { members.append(JSON.Member("grace_s", JSON(minutes * 60))) }
            if let cap { members.append(JSON.Member("cap", .string(cap.decimal))) }
            components.append(.object(members))
        }
        guard !components.isEmpty else { return nil }
        let document: JSON = ["elements": [["price_components": .array(components)]]]
        return document.text(sortedKeys: false, pretty: true)
    }

    private static func component(_ type: String, _ price: String) -> JSON {
        ["type": .string(type), "price": .string(price), "step_size": 1]
    }
}

extension TariffEditorScreen.Comparison {
    fileprivate init(_ compared: CompareTariff.Comparison) {
        self.init(
            sessions: compared.sessions, cheaper: compared.cheaper, dearer: compared.dearer,
            before: compared.before, after: compared.after,
            largest: compared.largest.map { Row(session: $0.session, before: $0.before, after: $0.after) },
            isCut: compared.isCut)
    }
}

extension Shown {
    /// The instant that a field `2026-03-01T14:00` of a form means on the clocks of this zone; nil for what is no time.
    func instant(ofField text: String) -> Instant? {
        let parts = text.split(separator: "T")
        guard parts.count == 2, let date = CivilDate(String(parts[0])),
            let time = ClockTime(String(parts[1].prefix(5)))
        else { return nil }
        let local = midnight(of: date) + .minutes(Int64(time.minuteOfDay))
        // Where the clocks changed since midnight, the hand of the clock counts, not what has passed.
        let midnightOffset = zone.offsetSeconds(at: midnight(of: date))
        return local + .seconds(midnightOffset - zone.offsetSeconds(at: local))
    }
}
