// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Tariffs

/// Screen 1, Point: the price before anything else, and what is reserved (experience.md §1).
struct PointPage {
    let place: Place
    let tariff: Tariff?
    let hold: Money?
    let occupiedSince: Instant?
    let shown: Shown
    let now: Instant

    /// The page with its form.
    func page(form: String) -> HTMLPage {
        var model: [String: Any] = [
            "address": "\(place.site.name), \(place.site.address.oneLine)", "code": place.evse.evseCode,
            "connector": place.evse.connectors.first.map { connectorName($0.standard) } ?? "",
            "power": Shown.power(place.evse.powerMax), "form": form,
            "status": statusText, "badge": isFree ? "good" : "bad",
        ]
        if let tariff, let hold {
            model["prices"] = prices(of: tariff)
            model["tax"] = taxText(tariff)
            model["hold"] = Shown.money(hold)
            if let example = example(tariff) { model["example"] = example }
        }
        if isFree, hold != nil { model["canStart"] = true } else { model["refusal"] = refusal }
        return HTMLPage(
            title: "Charge at \(place.evse.evseCode)", heading: place.organisation.name,
            body: Template.point.render(model), footer: footer)
    }

    private var isFree: Bool {
        occupiedSince == nil && ![.unavailable, .faulted].contains(place.evse.status)
    }

    private var statusText: String {
        if let since = occupiedSince { return "in use since \(shown.clock(since))" }
        switch place.evse.status {
        case .unavailable: return "out of service"
        case .faulted: return "out of order"
        default: return place.station.connectedAt == nil ? "offline" : "free"
        }
    }

    private var refusal: String {
        if tariff == nil { return "No price is published for this point, so it cannot be started here." }
        if occupiedSince != nil { return "Somebody is charging here. Please use another point of this site." }
        return "This point cannot charge at the moment. Please use another one."
    }

    private var footer: String? { place.site.supportPhone.map { "Help: \($0)" } }

    /// In legal order: per kWh, per minute, per session (AF-3).
    private func prices(of tariff: Tariff) -> [[String: Any]] {
        tariff.displayPrices(at: now, in: shown.zone).map { price in
            var row: [String: Any] = [
                "price": Shown.unitPrice(
                    price.price, price.currency, per: price.per == .session ? "" : price.per.rawValue)
            ]
            row["note"] = notes(price).joined(separator: ", ")
            return row
        }
    }

    private func notes(_ price: DisplayPrice) -> [String] {
        var notes: [String] = []
        switch price.kind.rawValue {
        case "idle":
            notes.append(
                price.graceSeconds.map { "from \($0 / 60) min after charging ends" } ?? "after charging ends")
        case "session": notes.append("per session")
        case "time": notes.append("while connected")
        default: break
        }
        if let cap = price.cap { notes.append("at most \(Shown.money(cap))") }
        if let condition = price.condition ?? price.window { notes.append(condition.words) }
        return notes
    }

    private func taxText(_ tariff: Tariff) -> String {
        let rates = Set(tariff.elements.flatMap(\.components).compactMap(\.taxRate))
        guard let rate = rates.first, rates.count == 1 else { return "" }
        return tariff.taxMode == .included
            ? "incl. \(rate.percentText) % VAT." : "plus \(rate.percentText) % tax."
    }

    /// “20 kWh ≈ 9.80 €”, from the one rater.
    private func example(_ tariff: Tariff) -> String? {
        let usage = Usage(intervals: [
            Usage.Interval(from: now, to: now + .minutes(40), .charging, energy: Energy(kilowattHours: 20))
        ])
        // Without a price for the example the page shows the prices alone.
        guard let rated = try? Rater().rate(usage, under: tariff, in: shown.zone) else { return nil }
        return "20 kWh ≈ \(Shown.money(rated.gross))"
    }

    private func connectorName(_ standard: String) -> String {
        switch standard {
        case "IEC_62196_T2_COMBO": "CCS"
        case "IEC_62196_T2": "Type 2"
        case "CHADEMO": "CHAdeMO"
        default: standard
        }
    }
}
