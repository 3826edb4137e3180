// SPDX-License-Identifier: Apache-2.0

import Quantities
package import Receipts

/// The receipt as a page that prints well: what is stored, in the reader's language, computed nowhere.
package struct ReceiptScreen: Sendable {
    /// What surrounds it.
    package var frame: PageFrame
    /// What is stored.
    package var receipt: Receipt
    /// The session it belongs to, if the reader came from there.
    package var secret: String?

    /// A receipt as a page.
    package init(frame: PageFrame, receipt: Receipt, secret: String? = nil) {
        self.frame = frame
        self.receipt = receipt
        self.secret = secret
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let title = words(.receiptNumber, ["number": receipt.number])
        var gaps: Gaps = [
            "w": words.all, "headline": title,
            "issued": words(.receiptIssued, ["time": shown.dateAndClock(receipt.issuedAt)]),
            "seller": receipt.seller.legalName, "sellerAddress": receipt.seller.address,
            "vatID": receipt.seller.vatID.map { words(.vatNumber, ["number": $0]) },
            "lines": receipt.lines.map { $0.gaps(shown) },
            "net": shown.money(receipt.net), "taxes": receipt.taxes.map { $0.gaps(shown) },
            "includesTax": receipt.includesTax, "gross": shown.money(receipt.gross),
            "paid": paid(shown), "proof": proof(words),
            "back": secret.map { SiteURL.visit(secret: $0).path },
        ]
        for (name, text) in charge(shown) { gaps[name] = text }
        let head = PageHead(title: title, address: secret.map { .receipt(secret: $0) })
        return frame.page(head, Template.receipt.render(gaps.values), shown)
    }

    private func charge(_ shown: Shown) -> [String: String] {
        let (place, charge) = (receipt.place, receipt.charge)
        let times: KeyValuePairs = [
            "from": shown.dateAndClock(charge.startedAt), "to": shown.dateAndClock(charge.endedAt),
        ]
        var meter = shown.energy(charge.energy)
        if let start = charge.startRegister, let end = charge.endRegister {
            let registers: KeyValuePairs = [
                "from": shown.kilowattHours(start), "to": shown.kilowattHours(end),
            ]
            meter += ", " + shown.words(.meterFromTo, registers)
        }
        return [
            "site": place.site, "siteAddress": place.address,
            "evse": "\(place.evseID), \(place.currentType), \(shown.ratedPower(place.powerMax))",
            "when": shown.words(.fromTo, times), "meter": meter,
        ]
    }

    private func paid(_ shown: Shown) -> String {
        let paid = receipt.paid
        return shown.words(
            .paidWith,
            [
                "method": paid.method, "reserved": shown.money(paid.reserved),
                "charged": shown.money(paid.captured), "released": shown.money(paid.released),
            ])
    }

    private func proof(_ words: Words) -> String {
        let (tariff, hash) = (receipt.proof.tariff, receipt.proof.hash)
        return [
            words(.priceProof, ["tariff": tariff, "hash": hash]),
            words(.roundingNamed, ["policy": receipt.roundingPolicy]),
            words(.sessionNamed, ["session": receipt.charge.session.text]),
        ].joined(separator: " ")
    }
}

extension Receipt.Line {
    fileprivate func gaps(_ shown: Shown) -> Gaps {
        [
            "name": shown.lineName(kind), "why": why, "arithmetic": arithmetic,
            "amount": shown.money(amount),
        ]
    }
}

extension Receipt.Tax {
    fileprivate func gaps(_ shown: Shown) -> Gaps {
        [
            "name": rate.map { shown.words(.taxOf, ["rate": $0.percentText]) } ?? shown.words(.taxUnnamed),
            "amount": shown.money(amount),
        ]
    }
}
