// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Where a driver stands: the site and one charging point.
package struct PointPlace: Hashable, Sendable {
    /// Whose it is.
    package var frame: PageFrame
    /// The site's name.
    package var site: String
    /// The site's address in one line.
    package var address: String
    /// The code printed on the charger.
    package var code: String

    /// Where a driver stands.
    package init(frame: PageFrame, site: String, address: String, code: String) {
        self.frame = frame
        self.site = site
        self.address = address
        self.code = code
    }
}

/// Whether somebody can charge at a point.
package enum PointState: Hashable, Sendable {
    /// Nobody charges there.
    case free
    /// Somebody charges there, since a time if it is known.
    case inUse(since: Instant?)
    /// It is broken; the reason in words, if there is one.
    case outOfOrder(String?)
    /// It was taken out of service.
    case outOfService
    /// The station is not connected.
    case offline

    /// A word, and its tone.
    func shown(_ shown: Shown) -> (text: String, tone: Tone) {
        let words = shown.words
        switch self {
        case .free: return (words(.free), .good)
        case .inUse(let since?): return (words(.inUseSince, ["time": shown.clock(since)]), .busy)
        case .inUse: return (words(.inUse), .busy)
        case .outOfOrder: return (words(.outOfOrder), .bad)
        case .outOfService: return (words(.outOfService), .bad)
        case .offline: return (words(.offlinePoint), .bad)
        }
    }
}

/// How a word about a state looks: always a shape and a word, never a colour alone (WCAG 2.2, 1.4.1).
package enum Tone: String, Hashable, Sendable {
    /// As it should be.
    case good
    /// Something is going on.
    case busy
    /// Somebody should look.
    case warn
    /// Not working.
    case bad
    /// Nothing to say about it.
    case plain
}

/// Screen 1, Point: the price before anything else, and what is reserved (experience.md §1).
package struct PointScreen: Sendable {
    /// Another point of the site.
    package struct Neighbour: Hashable, Sendable {
        /// Its code.
        package var code: String
        /// Whether it is free.
        package var state: PointState

        /// Another point of the site.
        package init(code: String, state: PointState) {
            self.code = code
            self.state = state
        }
    }

    /// Where.
    package var place: PointPlace
    /// Whether it can be used.
    package var state: PointState
    /// What is printed about it: connectors, rated power.
    package var connectors: [String]
    /// The most it gives.
    package var ratedPower: Power?
    /// Nil if no price is published: then nobody can start.
    package var prices: PriceBox?
    /// What is reserved and can be chosen; nil if nobody can start.
    package var choices: OfferChoices?
    /// What the driver has written so far.
    package var form = OfferForm()
    /// Why the driver sees this page again.
    package var warning: Warning?
    /// Other points here, the free ones first.
    package var neighbours: [Neighbour]

    /// Why a driver is sent back to the price.
    package enum Warning: Hashable, Sendable {
        /// The quote was older than 15 minutes.
        case priceWasOld
        /// The tariff changed meanwhile.
        case priceHasChanged
    }

    /// Screen 1.
    package init(
        place: PointPlace, state: PointState, connectors: [String], ratedPower: Power?, prices: PriceBox?,
        choices: OfferChoices?, warning: Warning? = nil, neighbours: [Neighbour] = []
    ) {
        self.place = place
        self.state = state
        self.connectors = connectors
        self.ratedPower = ratedPower
        self.prices = prices
        self.choices = choices
        self.warning = warning
        self.neighbours = neighbours
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let address = SiteURL.point(code: place.code)
        let (status, tone) = state.shown(shown)
        var gaps: Gaps = [
            "w": words.all, "site": place.site, "address": place.address, "code": place.code,
            "pointTitle": words(.pointTitle), "status": status, "tone": tone.rawValue,
            "facts": facts(shown), "warning": warning.map { $0.text(shown) },
            "pricebox": prices?.gaps(shown), "action": address.path,
            "others": neighbours.isEmpty ? nil : ["points": neighbours.map { $0.gaps(shown) }] as Gaps,
        ]
        if let choices, prices != nil, state == .free {
            gaps["reserve"] = words(.reserve, ["hold": shown.money(choices.hold)])
            gaps["button"] = words(.continueToPayment)
            gaps["form"] = form.gaps(choices, shown)
        } else {
            gaps["refusal"] = refusal(words)
            gaps["advice"] = advice(words)
        }
        let head = PageHead(title: words(.chargeAt, ["code": place.code]), address: address)
        return place.frame.page(head, Template.offer.render(gaps.values), shown)
    }

    private func facts(_ shown: Shown) -> [String] {
        connectors + (ratedPower.map { [shown.words(.upTo, ["power": shown.ratedPower($0)])] } ?? [])
    }

    private func refusal(_ words: Words) -> String {
        switch state {
        case .free: words(.noPrice)
        case .inUse: words(.occupiedTitle)
        case .outOfOrder(let reason?): reason
        case .outOfOrder, .outOfService, .offline: words(.cannotCharge)
        }
    }

    private func advice(_ words: Words) -> String {
        let phone = place.frame.supportPhone.map { words(.callHelp, ["phone": $0]) }
        if case .inUse = state { return words(.useOtherPoint) }
        guard state == .free else {
            return [words(.useOtherPoint), phone].compactMap { $0 }.joined(separator: " ")
        }
        return phone ?? ""
    }
}

extension PointScreen.Warning {
    /// A warning that a driver is sent here with: the value of `?notice=`.
    init?(_ name: String?) {
        guard let found = [Self.priceWasOld, .priceHasChanged].first(where: { $0.name == name }) else {
            return nil
        }
        self = found
    }

    /// The value of `?notice=`.
    var name: String {
        switch self {
        case .priceWasOld: "price-was-old"
        case .priceHasChanged: "price-has-changed"
        }
    }

    fileprivate func text(_ shown: Shown) -> String {
        switch self {
        case .priceWasOld: shown.words(.priceWasOld)
        case .priceHasChanged: shown.words(.priceHasChanged)
        }
    }
}

extension PointScreen.Neighbour {
    fileprivate func gaps(_ shown: Shown) -> Gaps {
        let (status, tone) = state.shown(shown)
        return [
            "code": code, "url": SiteURL.point(code: code).path, "status": status, "tone": tone.rawValue,
        ]
    }
}
