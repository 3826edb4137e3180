// SPDX-License-Identifier: Apache-2.0

import Billing
import HTTPTypes
import Hummingbird
import Quantities
import Receipts
import Storage
import Tariffs

/// A driver's way from the code on the EVSE to the receipt (experience.md §1).
struct DriverDoor: Sendable {
    let clerk: Clerk

    private var desk: Desk { clerk.desk }

    func mount(on router: Router<WebContext>) {
        router.get(.pointSearch) { request, _ in
            let code = (PageRequest(request, desk).query["code"] ?? "").filter { $0.isLetter || $0.isNumber }
            return .see(code.isEmpty ? .landing : .point(code: code.uppercased()))
        }
        router.get(.point) { request, context in
            let page = PageRequest(request, desk)
            return try await point(
                try context.parameters.require("code"), page,
                because: PointScreen.Warning(page.query["notice"]))
        }
        router.post(.point) { request, context in
            var ignored = HTTPFields()
            try clerk.take("checkouts:" + context.address, clerk.limits.checkouts, &ignored)
            return try await open(
                try context.parameters.require("code"), try await request.form(), PageRequest(request, desk))
        }
        router.get(.visit) { request, context in try await visit(context, PageRequest(request, desk)) }
        router.get(.visitPrice) { request, context in try await price(context, PageRequest(request, desk)) }
        router.get(.receipt) { request, context in try await receipt(context, PageRequest(request, desk)) }
        router.get(.visitEvents) { request, context in try await events(context, request) }
        router.post(.visitAction) { request, context in
            try await act(context, try await request.form(), PageRequest(request, desk))
        }
    }

    // MARK: screen 1

    private func point(
        _ code: String, _ request: PageRequest, because warning: PointScreen.Warning? = nil,
        _ form: OfferForm = OfferForm(), _ status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        guard let offer = try await PreviewPrice(desk: desk)(code: code) else {
            return request.notice(.unknownPoint(code: code), .notFound)
        }
        let neighbours = try await desk.store.read { tx in try PointScreen.neighbours(of: offer.place, in: tx)
        }
        let shown = try request.shown(in: offer.place.site.timeZone)
        var screen = PointScreen(offer, shown, with: desk)
        screen.neighbours = neighbours
        screen.warning = warning
        screen.form = form
        return request.page(screen.html(shown), status)
    }

    /// Opens a checkout with what the driver wished for; what cannot be read comes back with a word beside it.
    private func open(_ code: String, _ fields: Query, _ request: PageRequest) async throws -> Response {
        var form = OfferForm(fields)
        // Without a price the page says why nobody can start here.
        guard let offer = try await PreviewPrice(desk: desk)(code: code), let price = offer.price else {
            return try await point(code, request, form, .conflict)
        }
        var wish = OpenCheckout.Wish(evseCode: code, language: request.language.rawValue)
        form.fill(&wish, in: price.tariff.currency, takesMail: desk.settings.sendsMail)
        if form.hasConsented {
            wish.consent = Consent(
                textVersion: OfferChoices.consentVersion,
                maximumMinor: offer.place.consentMaximum(in: price.tariff.currency).minorUnits,
                at: desk.clock.now)
        }
        guard form.faults.isEmpty else {
            return try await point(code, request, form, .unprocessableContent)
        }
        do {
            let (checkout, _) = try await OpenCheckout(desk: desk)(wish)
            return .see(.visit(secret: checkout.secret))
        } catch QuoteRefusal.limitTooSmall(let minimum) {
            form.faults[.limit] = .limitTooSmall(minimum)
            return try await point(code, request, form, .unprocessableContent)
        } catch is QuoteRefusal {
            return try await point(code, request, form, .conflict)
        } catch let refusal as CheckoutRefusal {
            if case .unknownEVSE = refusal { return try await point(code, request, form, .notFound) }
            return try await point(code, request, form, .conflict)
        }
    }

    // MARK: screens 2 to 6

    private func visit(_ context: WebContext, _ request: PageRequest) async throws -> Response {
        guard let found = try await find(context) else { return request.notice(.notFound, .notFound) }
        let shown = try request.shown(in: found.visit.place.site.timeZone)
        return request.page(try VisitScreen(found, shown, at: desk.clock.now).html(shown))
    }

    private func find(_ context: WebContext) async throws -> FoundVisit? {
        let secret = try context.parameters.require("secret")
        return try await desk.store.read { tx in try FoundVisit(secret: secret, in: tx) }
    }

    /// The same state as the page, in words that its script puts in place.
    private func events(_ context: WebContext, _ request: Request) async throws -> Response {
        guard let found = try await find(context) else { throw Problem.notFound("page") }
        let reader = PageRequest(request, desk)
        let secret = found.visit.checkout.secret
        let stream = SessionStream(hub: clerk.hub, event: "session", ids: found.watches) { [desk] in
            let found = try await desk.store.read { tx in try FoundVisit(secret: secret, in: tx) }
            guard let found else { return nil }
            let shown = try reader.shown(in: found.visit.place.site.timeZone)
            let screen = try VisitScreen(found, shown, at: desk.clock.now)
            return SessionStream.Frame(
                version: found.version, json: screen.event(shown).json, isLast: screen.state.isOver,
                watches: found.watches)
        }
        return stream.reply(to: request).response
    }

    private func price(_ context: WebContext, _ request: PageRequest) async throws -> Response {
        guard let found = try await find(context) else { return request.notice(.notFound, .notFound) }
        let shown = try request.shown(in: found.visit.place.site.timeZone)
        return request.page(try PriceScreen(found.visit, shown, with: desk).html(shown))
    }

    private func receipt(_ context: WebContext, _ request: PageRequest) async throws -> Response {
        guard let found = try await find(context) else { return request.notice(.notFound, .notFound) }
        let visit = found.visit
        let frame = PageFrame(visit.place.organisation, at: visit.place.site)
        guard let document = visit.receipt else {
            return request.notice(.noReceipt(secret: visit.checkout.secret), frame: frame, .notFound)
        }
        let shown = try request.shown(in: visit.place.site.timeZone)
        let screen = ReceiptScreen(frame: frame, receipt: try document.receipt, secret: visit.checkout.secret)
        return request.page(screen.html(shown))
    }

    // MARK: what a driver can ask for

    private func act(_ context: WebContext, _ form: Query, _ request: PageRequest) async throws -> Response {
        let action = SiteURL.VisitAction(rawValue: try context.parameters.require("action"))
        guard let visit = try await find(context)?.visit, let action else {
            return request.notice(.notFound, .notFound)
        }
        let back = SiteURL.visit(secret: visit.checkout.secret)
        do {
            switch action {
            case .pay: return try await pay(visit, form, back)
            case .start: try await StartSession(desk: desk)(visit.checkout.id)
            case .cancel: try await ReleaseHold(desk: desk).cancel(visit.checkout.id)
            case .stop:
                if let session = visit.session { _ = try await RequestRemoteStop(desk: desk)(session.id) }
            }
            return .see(back)
        } catch let refusal as CheckoutRefusal {
            return explain(refusal, visit, request)
        }
    }

    /// Asks for the hold and sends the driver to the gateway's page, which is known within a moment.
    private func pay(_ visit: Visit, _ form: Query, _ back: SiteURL) async throws -> Response {
        let payment = try await AwaitGatewayPage(desk: desk, hub: clerk.hub)(of: visit) {
            if visit.openDebt.isPositive { return try await payDebt(of: visit, form) }
            return try await RequestHold(desk: desk)(
                visit.checkout.id, accepting: form["quote"] ?? "", clientKey: form["form"] ?? "form")
        }
        return payment.nextAction.map { .see($0) } ?? .see(back)
    }

    /// What is open of an earlier session is paid on the gateway's page, whole.
    private func payDebt(of visit: Visit, _ form: Query) async throws -> PaymentRecord {
        do {
            return try await PayDebt(desk: desk)(visit.bill.id, clientKey: "debt-" + (form["form"] ?? "form"))
        } catch is PayDebt.Refusal {
            throw CheckoutRefusal.invalidState(visit.bill.status, allowed: ["in_debt"])
        }
    }

    /// Where a refusal leaves the driver: at the price, at the session as it is, or at a sentence.
    private func explain(_ refusal: CheckoutRefusal, _ visit: Visit, _ request: PageRequest) -> Response {
        let back = SiteURL.visit(secret: visit.checkout.secret)
        let words = request.shownAnywhere.words
        let frame = PageFrame(visit.place.organisation, at: visit.place.site)
        func say(_ headline: Word, _ text: Word) -> Response {
            request.notice(
                .refused(headline: words(headline), text: words(text), back: back), frame: frame, .conflict)
        }
        let point = SiteURL.point(code: visit.place.evse.evseCode).path
        switch refusal {
        case .quoteExpired: return .see("\(point)?notice=\(PointScreen.Warning.priceWasOld.name)")
        case .priceChanged: return .see("\(point)?notice=\(PointScreen.Warning.priceHasChanged.name)")
        case .unknownEVSE, .evseOccupied, .evseUnavailable: return .see(point)
        case .unknownCheckout: return request.notice(.notFound, .notFound)
        case .invalidState, .retryWindowOver: return .see(back)
        case .stationOffline: return say(.stationOfflineTitle, .stationOfflineText)
        // Our own pages name no other address.
        case .noGateway, .returnURLNotAllowed: return say(.noGatewayTitle, .noGatewayText)
        }
    }
}

/// A visit with what only its page shows.
struct FoundVisit: Sendable {
    let visit: Visit
    /// What the station was asked to do for it, oldest first.
    let commands: [CommandRecord]

    /// The visit behind a secret link; nil if there is none.
    init?(secret: String, in tx: Tx) throws {
        guard let visit = try Visit(secret: secret, in: tx) else { return nil }
        self.visit = visit
        commands = try tx.commands(of: visit.session?.id, or: visit.checkout.id)
    }

    /// Everything whose change the guest should see.
    var watches: Set<String> {
        visit.watches.union([visit.place.evse.id.text, visit.place.station.id.text])
    }

    /// The version of everything the page shows: rises with each change of any of it.
    var version: Int64 {
        visit.version + visit.place.evse.version + visit.place.station.version
            + commands.map(\.version).reduce(0, +)
    }
}

extension Money {
    /// An amount as people type it: `25`, `25.50`, `25,50`; nil for anything else.
    init?(typed text: String, _ currency: Currency) {
        let decimal = text.replacing(",", with: ".")
        guard decimal.utf8.count <= 12, let minor = fixedPoint(decimal, scale: currency.exponent) else {
            return nil
        }
        self.init(minorUnits: minor, currency: currency)
    }
}
