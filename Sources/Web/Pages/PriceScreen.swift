// SPDX-License-Identifier: Apache-2.0

/// How the price of a session came about, line by line.
package struct PriceScreen: Sendable {
    /// Where.
    package var place: PointPlace
    /// What makes the session's address unguessable.
    package var secret: String
    /// What is or was priced; nil before anything was.
    package var breakdown: Breakdown?
    /// The fixed price.
    package var prices: PriceBox?
    /// The name of the rules of rounding.
    package var roundingPolicy: String
    /// The tariff's name and the hash of what was frozen.
    package var tariff: (name: String, hash: String)

    /// How the price of a session came about.
    package init(
        place: PointPlace, secret: String, breakdown: Breakdown?, prices: PriceBox?, roundingPolicy: String,
        tariff: (name: String, hash: String)
    ) {
        self.place = place
        self.secret = secret
        self.breakdown = breakdown
        self.prices = prices
        self.roundingPolicy = roundingPolicy
        self.tariff = tariff
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let gaps: Gaps = [
            "w": words.all, "site": place.site, "code": place.code, "lead": words(.explainedLead),
            "breakdown": breakdown?.gaps(shown), "pricebox": prices?.gaps(shown),
            "rounding": words(.roundingNamed, ["policy": roundingPolicy]),
            "proof": words(.priceProof, ["tariff": tariff.name, "hash": tariff.hash]),
            "back": SiteURL.visit(secret: secret).path,
        ]
        let head = PageHead(title: words(.howCalculated), address: .visitPrice(secret: secret))
        return place.frame.page(head, Template.price.render(gaps.values), shown)
    }
}
