// SPDX-License-Identifier: Apache-2.0

import Billing
import Quantities
import Receipts
import Storage

/// The receipt as a page that prints well.
struct ReceiptPage {
    let receipt: Receipt
    let shown: Shown
    let back: String

    var page: HTMLPage {
        HTMLPage(
            title: "Receipt \(receipt.number)", heading: receipt.seller.legalName,
            body: Template.receipt.render(model))
    }

    private var model: [String: Any] {
        let charge = receipt.charge
        var meter = "\(Shown.energy(charge.energy))"
        if let start = charge.startRegister, let end = charge.endRegister {
            meter += ", meter \(start.kilowattHoursText) → \(end.kilowattHoursText) kWh"
        }
        return [
            "number": receipt.number, "issued": "Issued \(shown.dateAndClock(receipt.issuedAt))",
            "seller": receipt.seller.legalName, "sellerAddress": receipt.seller.address,
            "vatID": receipt.seller.vatID ?? "", "site": receipt.place.site,
            "siteAddress": receipt.place.address,
            "evse":
                "\(receipt.place.evseID), \(receipt.place.currentType), \(Shown.power(receipt.place.powerMax))",
            "when": "\(shown.dateAndClock(charge.startedAt)) to \(shown.dateAndClock(charge.endedAt))",
            "meter": meter,
            "lines": receipt.lines.map { line in
                [
                    "name": Shown.lineName(line.kind), "why": line.why, "arithmetic": line.arithmetic,
                    "quantity": "\(line.quantity) \(line.unit)", "unitPrice": line.unitPrice ?? "",
                    "amount": Shown.money(line.amount),
                ]
            },
            "net": Shown.money(receipt.net),
            "taxes": receipt.taxes.map { ["name": Shown.tax($0.rate), "amount": Shown.money($0.amount)] },
            "includesTax": receipt.includesTax, "gross": Shown.money(receipt.gross),
            "method": receipt.paid.method,
            "reserved": Shown.money(receipt.paid.reserved), "captured": Shown.money(receipt.paid.captured),
            "released": Shown.money(receipt.paid.released), "tariff": receipt.proof.tariff,
            "hash": receipt.proof.hash, "rounding": receipt.roundingPolicy,
            "session": receipt.charge.session.text,
            "phone": receipt.seller.supportPhone ?? "", "back": back,
        ]
    }
}
