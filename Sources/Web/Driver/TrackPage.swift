// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Tariffs

/// Screens 2 to 6: one address from the price to the receipt; what it shows follows from the state (experience.md §1).
struct TrackPage {
    let visit: Visit
    let shown: Shown
    let now: Instant

    private var url: String { "/s/\(visit.checkout.secret)" }

    /// The page; it becomes live by its stream and refreshes itself without JavaScript.
    func page(form: String) -> HTMLPage {
        var model: [String: Any] = [
            "stream": visit.isOver ? "" : url + "/events", "state": visit.status,
            "site": visit.place.site.name,
            "code": visit.place.evse.evseCode, "url": url, "form": form, "quote": visit.quote.hash,
            "hold": Shown.money(visit.quote.hold),
        ]
        let (headline, text) = words
        model["headline"] = headline
        model["text"] = text
        for (key, value) in parts { model[key] = value }
        return HTMLPage(
            title: headline, heading: visit.place.organisation.name, body: Template.track.render(model),
            refresh: visit.isOver ? nil : visit.status == "running" ? 15 : 3,
            footer: visit.place.site.supportPhone.map { "Help: \($0)" }, isLive: !visit.isOver)
    }

    private var released: String { visit.payment?.releasedAt.map { " at \(shown.clock($0))" } ?? "" }

    /// Headline and sentence per state: reserved, charged and released are never mixed up.
    private var words: (String, String) {
        let hold = Shown.money(visit.quote.hold)
        switch visit.status {
        case "quoted":
            let declined = visit.payment?.decline?.message
            return (
                "Reserve \(hold)",
                declined
                    ?? "You pay only what you use; the rest is released right after. A reservation is not a charge."
            )
        case "funding":
            return (
                "Waiting for the reservation", "Please finish on the payment page. Nothing is charged yet."
            )
        case "funded", "starting":
            return ("Plug in now", "The charger was asked to start. \(hold) are reserved, not charged.")
        case "start_failed":
            return (
                "Not started",
                "The charger did not start. You can try again with the same reservation; otherwise it is released within a minute."
            )
        case "running": return ("Charging", "")
        case "ended", "settling":
            return ("Finishing your bill", "We are confirming the payment. The receipt follows here.")
        case "in_review":
            return (
                "Somebody checks this session",
                "The charger's readings need a look before anything is charged. \(hold) stay reserved meanwhile."
            )
        case "settled": return ("Finished", "")
        case "nothing_charged":
            return ("Nothing was charged", "Your reservation of \(hold) was released\(released).")
        case "cancelled":
            return (
                "Cancelled",
                visit.payment == nil
                    ? "Nothing was reserved." : "Released \(hold)\(released). Nothing was charged."
            )
        default: return ("Session", "")
        }
    }

    private var parts: [String: Any] {
        switch visit.status {
        case "quoted": ["pay": section(["hold": Shown.money(visit.quote.hold)]), "cancel": section()]
        case "funding":
            ["gateway": visit.payment?.nextAction ?? "", "steps": steps(1), "cancel": section()]
        case "funded", "starting": ["steps": steps(3), "cancel": section()]
        case "start_failed": ["start": section(), "cancel": section()]
        case "running": ["live": live, "stop": section()]
        case "settled": ["bill": bill, "receipt": url + "/receipt"]
        case "cancelled", "nothing_charged": ["again": "/e/\(visit.place.evse.evseCode)"]
        default: [:]
        }
    }

    private func section(_ more: [String: Any] = [:]) -> [String: Any] {
        ["url": url, "quote": visit.quote.hash, "form": formToken].merging(more) { $1 }
    }

    /// Two taps on one page are one payment; a new page after a decline is a new one.
    private var formToken: String { "form-\(visit.bill.version)" }

    private func steps(_ current: Int) -> [String: Any] {
        let texts = ["Reserved", "Charger asked", "Plug in", "Charging"]
        let items = texts.enumerated().map { index, text -> [String: Any] in
            ["text": text, "state": index + 1 < current ? "done" : index + 1 == current ? "now" : "todo"]
        }
        return ["items": items]
    }

    private var live: [String: Any] {
        let numbers = LiveNumbers(visit, shown: shown, now: now)
        var model: [String: Any] = numbers.rendered
        model["usedPercent"] = numbers.usedPercent
        return model
    }

    private var bill: [String: Any] {
        // A settled bill has its price; without it the page still shows the totals below.
        guard let rated = try? visit.bill.ratedBill, let session = visit.session else { return [:] }
        let payment = visit.payment
        let captured = payment?.captured ?? rated.gross
        let released = payment.map { $0.hold - $0.captured } ?? .zero(rated.currency)
        let paid =
            "Paid \(Shown.money(captured)). \(Shown.money(released)) released\(self.released); your bank may show it for some days."
        return [
            "total": Shown.money(rated.gross), "paid": paid, "energy": Shown.energy(session.energy),
            "duration": Shown.duration((session.endedAt ?? now) - session.startedAt),
            "reserved": Shown.money(payment?.hold ?? visit.quote.hold), "released": Shown.money(released),
            "lines": rated.lines.map { line in
                [
                    "name": Shown.lineName(line.kind.shown), "arithmetic": line.arithmetic, "why": line.why,
                    "amount": Shown.money(line.amount),
                ]
            },
            "taxes": rated.taxes.map { tax in
                [
                    "name": (rated.lineBasis == .afterTax ? "of which " : "plus ") + Shown.tax(tax.rate),
                    "amount": Shown.money(tax.amount),
                ]
            },
        ]
    }
}

/// The numbers of a running session, as the page shows them and the stream repeats them.
struct LiveNumbers {
    let rendered: [String: String]
    let usedPercent: Int64

    init(_ visit: Visit, shown: Shown, now: Instant) {
        let session = visit.session
        let cost = session?.live?.cost ?? .zero(visit.quote.currency)
        let hold = visit.payment?.hold ?? visit.quote.hold
        let stopsAt = session?.live?.stopsAt ?? visit.quote.stopsAt
        usedPercent = min(100, cost.percent(of: hold))
        let price = session?.live.flatMap { live in
            live.phasePrice.map { Shown.unitPrice($0, cost.currency, per: live.phaseUnit ?? "") }
        }
        rendered = [
            "cost": Shown.money(cost), "energy": Shown.energy(session?.energy ?? .zero),
            "power": Shown.power(session?.folded.power),
            "duration": Shown.duration((session?.endedAt ?? now) - (session?.startedAt ?? now)),
            "price": price ?? "–",
            "hold": "\(Shown.money(hold)) reserved. Charging stops at \(Shown.money(stopsAt)).",
            "holdText": "\(Shown.money(hold)) reserved. Charging stops at \(Shown.money(stopsAt)).",
            "spoken": "Cost so far \(Shown.money(cost))",
        ]
    }
}
