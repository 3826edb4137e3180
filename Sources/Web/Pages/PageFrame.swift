// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// What surrounds a driver's page: whose it is, who helps, which languages there are.
package struct PageFrame: Hashable, Sendable {
    /// Whose page it is.
    package var organisation: String
    /// Whether no real money moves here.
    package var isTest: Bool
    /// Who helps; on every page if there is one.
    package var supportPhone: String?

    /// A frame of an organisation.
    package init(organisation: String, isTest: Bool = false, supportPhone: String? = nil) {
        self.organisation = organisation
        self.isTest = isTest
        self.supportPhone = supportPhone
    }
}

/// What a page says about itself to its frame.
struct PageHead {
    var title: String
    /// Where its languages lead; nil for pages that cannot be asked for again.
    var address: SiteURL?
    /// Its stream and the event of now; nil for a page that does not change.
    var live: (stream: SiteURL, event: LiveEvent)?
    /// Whether it previews what somebody writes.
    var isEditor = false

    /// Seconds after which a browser without the script asks again.
    static let refreshSeconds = 15

    /// What both frames need.
    func gaps(_ shown: Shown) -> Gaps {
        let words = shown.words
        return [
            "language": shown.language.rawValue, "title": title, "style": SiteURL.asset(.style).path,
            "script": SiteURL.asset(.script).path, "w": words.all,
            "stream": live?.stream.path, "state": live?.event.state,
            "age": live.map { String($0.event.ageSeconds) },
            "updated": words.pattern(.updated), "offline": words.pattern(.offline),
            "refresh": live.map { _ in String(Self.refreshSeconds) },
            "editor": isEditor ? SiteURL.asset(.editor).path : nil,
        ]
    }
}

extension PageFrame {
    /// The whole page around a body.
    func page(_ head: PageHead, _ body: String, _ shown: Shown) -> String {
        var gaps = head.gaps(shown)
        gaps["organisation"] = organisation
        gaps["test"] = isTest ? shown.words(.testMode) : nil
        gaps["body"] = body
        gaps["phone"] = supportPhone
        gaps["phoneLink"] = supportPhone.map { $0.filter { $0.isNumber || $0 == "+" } }
        gaps["languages"] = head.address.map { address -> Gaps in
            ["items": Language.allCases.map { $0.gaps(at: address, current: shown.language) }]
        }
        return Template.driver.render(gaps.values)
    }
}

extension Language {
    fileprivate func gaps(at address: SiteURL, current: Language) -> Gaps {
        [
            "tag": rawValue, "name": name, "url": "\(address.path)?lang=\(rawValue)",
            "current": self == current,
        ]
    }
}

/// What surrounds a page of the console.
package struct ConsoleFrame: Hashable, Sendable {
    /// Whose console it is.
    package var organisation: String
    /// Whether no real money moves here.
    package var isTest: Bool
    /// How many questions wait for a person.
    package var openWork: Int
    /// Goes with every form, so that no other site can send one.
    package var formToken: String
    /// When the page was made.
    package var now: Instant

    /// A frame of an organisation's console.
    package init(organisation: String, isTest: Bool, openWork: Int, formToken: String = "", now: Instant) {
        self.organisation = organisation
        self.isTest = isTest
        self.openWork = openWork
        self.formToken = formToken
        self.now = now
    }

    /// The whole page around a template's gaps. `current` is the place in the console that it belongs to.
    func page(
        _ head: PageHead, _ template: Template, _ inside: Gaps, at current: SiteURL, _ shown: Shown
    ) -> String {
        var inside = inside
        inside["w"] = shown.words.all
        inside["csrf"] = formToken
        let body = template.render(inside.values)
        var gaps = head.gaps(shown)
        gaps["csrf"] = formToken
        gaps["languages"] = Language.allCases.map {
            $0.gaps(at: head.address ?? current, current: shown.language)
        }
        gaps["organisation"] = organisation
        gaps["test"] = isTest ? shown.words(.testMode) : nil
        gaps["home"] = SiteURL.console.path
        gaps["signOut"] = SiteURL.signOut.path
        gaps["body"] = body
        gaps["zone"] = shown.words(.timesInZone, ["zone": shown.zoneName(at: now)])
        gaps["links"] = Self.links(shown.words).map { address, name -> Gaps in
            [
                "url": address.path, "name": name, "current": address == current,
                "count": address == .list(.work) && openWork > 0 ? String(openWork) : false as Any,
            ]
        }
        return Template.console.render(gaps.values)
    }

    private static func links(_ words: Words) -> [(SiteURL, String)] {
        [
            (.console, words(.overview)), (.list(.sessions), words(.sessions)),
            (.list(.stations), words(.stations)), (.list(.tariffs), words(.tariffs)),
            (.list(.payments), words(.payments)),
            (.list(.ledger), words(.ledger)), (.list(.work), words(.work)),
        ]
    }
}
