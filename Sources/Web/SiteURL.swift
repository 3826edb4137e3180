// SPDX-License-Identifier: Apache-2.0
package import Quantities

/// Every address that a browser may ask for, for links, forms and the router. The API's paths are in its route table.
package enum SiteURL: Hashable, Sendable {
    /// The front door.
    case landing
    /// A charging point by the code printed on it; a POST opens a checkout.
    case point(code: String)
    /// Search for a charging point by its code.
    case pointSearch
    /// A guest's session behind its secret.
    case visit(secret: String)
    /// Something a guest asks for, by POST.
    case visitAction(secret: String, VisitAction)
    /// The stream of a guest's session.
    case visitEvents(secret: String)
    /// How the price of a guest's session came about.
    case visitPrice(secret: String)
    /// A guest's receipt as a page.
    case receipt(secret: String)
    /// The console's first page.
    case console
    /// Where the operator's key is pasted; a POST opens the console.
    case signIn
    /// A POST closes the console.
    case signOut
    /// The stream of the console's first page.
    case consoleEvents
    /// A list of the console.
    case list(ConsoleList)
    /// The transactions of an account of the ledger.
    case account(String)
    /// One session with its timeline.
    case session(SessionID)
    /// A POST asks the station to stop a session.
    case stopSession(SessionID)
    /// A POST answers a question.
    case decideWork(WorkItemID)
    /// One station with its charging points.
    case station(StationID)
    /// The editor of a tariff that does not exist yet; a POST previews or makes it.
    case newTariff
    /// One tariff with its versions.
    case tariff(TariffID)
    /// The editor of a new version, from another one if given; a POST previews, compares or makes it.
    case editTariff(TariffID, from: TariffVersionID?)
    /// A POST lets drivers be quoted under a version.
    case publishTariff(TariffID)
    /// A POST takes a tariff from the list of those that are offered.
    case archiveTariff(TariffID)
    /// What a problem of the API means.
    case problem(code: String)
    /// A file of the pages.
    case asset(PageAsset)

    /// What a guest can ask for.
    package enum VisitAction: String, CaseIterable, Hashable, Sendable {
        /// Reserve the amount and go to the gateway.
        case pay
        /// Try again with the same reservation.
        case start
        /// End the session.
        case stop
        /// Give up before anything was charged.
        case cancel
    }

    /// The console's lists.
    package enum ConsoleList: String, CaseIterable, Hashable, Sendable {
        /// All sessions, newest first.
        case sessions
        /// All stations.
        case stations
        /// All payments, newest first.
        case payments
        /// All tariffs.
        case tariffs
        /// Trial balance and transactions.
        case ledger
        /// Questions for a person.
        case work
    }
}

extension SiteURL {
    /// The patterns of the router; `{…}` is one segment.
    package enum Pattern: String, CaseIterable, Sendable {
        case landing = "/"
        case pointSearch = "/e"
        case point = "/e/{code}"
        case visit = "/s/{secret}"
        case visitEvents = "/s/{secret}/events"
        case visitPrice = "/s/{secret}/price"
        case receipt = "/s/{secret}/receipt"
        case visitAction = "/s/{secret}/{action}"
        case console = "/operator"
        case signIn = "/operator/login"
        case signOut = "/operator/logout"
        case consoleEvents = "/operator/events"
        case session = "/operator/sessions/{id}"
        case stopSession = "/operator/sessions/{id}/stop"
        case decideWork = "/operator/work/{id}/decide"
        case station = "/operator/stations/{id}"
        case newTariff = "/operator/tariffs/new"
        case tariff = "/operator/tariffs/{id}"
        case editTariff = "/operator/tariffs/{id}/edit"
        case publishTariff = "/operator/tariffs/{id}/publish"
        case archiveTariff = "/operator/tariffs/{id}/archive"
        case list = "/operator/{list}"
        case problem = "/problems/{code}"
        case asset = "/assets/{name}"
    }

    /// The pattern that this address fits.
    package var pattern: Pattern { parts.0 }

    /// The path, each segment percent-encoded; assets carry a version, so that browsers may keep them.
    package var path: String {
        let (pattern, values) = parts
        var rest = values[...]
        let segments = pattern.rawValue.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? Self.encoded(rest.popFirst() ?? "") : String(segment)
        }
        let path = "/" + segments.joined(separator: "/")
        if case .asset(let asset) = self { return path + "?v=" + asset.version }
        if case .account(let name) = self { return path + "?account=" + Self.encoded(name) + "#transactions" }
        if case .editTariff(_, let version?) = self { return path + "?from=" + Self.encoded(version.text) }
        return path
    }

    private var parts: (Pattern, [String]) {
        switch self {
        case .landing: (.landing, [])
        case .point(let code): (.point, [code])
        case .pointSearch: (.pointSearch, [])
        case .visit(let secret): (.visit, [secret])
        case .visitAction(let secret, let action): (.visitAction, [secret, action.rawValue])
        case .visitEvents(let secret): (.visitEvents, [secret])
        case .visitPrice(let secret): (.visitPrice, [secret])
        case .receipt(let secret): (.receipt, [secret])
        case .console: (.console, [])
        case .signIn: (.signIn, [])
        case .signOut: (.signOut, [])
        case .consoleEvents: (.consoleEvents, [])
        case .list(let list): (.list, [list.rawValue])
        case .account: (.list, [ConsoleList.ledger.rawValue])
        case .session(let id): (.session, [id.text])
        case .stopSession(let id): (.stopSession, [id.text])
        case .decideWork(let id): (.decideWork, [id.text])
        case .station(let id): (.station, [id.text])
        case .newTariff: (.newTariff, [])
        case .tariff(let id): (.tariff, [id.text])
        case .editTariff(let id, _): (.editTariff, [id.text])
        case .publishTariff(let id): (.publishTariff, [id.text])
        case .archiveTariff(let id): (.archiveTariff, [id.text])
        case .problem(let code): (.problem, [code])
        case .asset(let asset): (.asset, [asset.rawValue])
        }
    }

    /// RFC 3986 §2.3: only unreserved characters stay as they are.
    private static func encoded(_ segment: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var text = ""
        for byte in segment.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isUnreserved =
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                || "-._~".unicodeScalars.contains(scalar)
            text += isUnreserved ? String(scalar) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
        return text
    }
}
