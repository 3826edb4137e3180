// SPDX-License-Identifier: Apache-2.0

import Billing
import HTTPTypes
import Hummingbird
import Logging
import Quantities
import Receipts
import Storage
import Tariffs

/// A driver's way from the code on the EVSE to the receipt (experience.md §1).
struct DriverPages: Sendable {
    let desk: Desk

    func mount(on router: Router<some RequestContext>) {
        router.get("/e/{code}") { _, context in try await point(try context.parameters.require("code")) }
        router.post("/e/{code}") { _, context in try await open(try context.parameters.require("code")) }
        router.get("/s/{secret}") { _, context in try await track(try context.parameters.require("secret")) }
        router.get("/s/{secret}/receipt") { _, context in
            try await receipt(try context.parameters.require("secret"))
        }
        router.post("/s/{secret}/{action}") { request, context in
            let form = try await FormFields(request)
            let secret = try context.parameters.require("secret")
            return try await act(try context.parameters.require("action"), on: secret, form: form)
        }
    }

    // MARK: screen 1

    private struct PointRows: Sendable {
        var place: Place
        var tariff: Tariff?
        var hold: Money?
        var occupiedSince: Instant?
    }

    private func point(_ code: String) async throws -> Response {
        let now = desk.clock.now
        let rows = try await desk.store.read { tx -> PointRows? in
            guard let evse = try tx.evse(code: code.uppercased()) else { return nil }
            let place = try Place(of: evse, in: tx)
            let session = try tx.openSessions(of: evse.id).first
            guard let offer = try QuoteSession(desk: desk).offer(at: place, now: now, in: tx) else {
                return PointRows(place: place, occupiedSince: session?.startedAt)
            }
            return PointRows(
                place: place, tariff: offer.tariff, hold: offer.hold, occupiedSince: session?.startedAt)
        }
        guard let rows else { return Self.unknownPoint(code).response(.notFound) }
        let shown = try desk.shown(in: rows.place.site.timeZone)
        let page = PointPage(
            place: rows.place, tariff: rows.tariff, hold: rows.hold, occupiedSince: rows.occupiedSince,
            shown: shown,
            now: now)
        return page.page(form: "point").response()
    }

    private static func unknownPoint(_ code: String) -> HTMLPage {
        .message(
            "No charging point has the code \(code)",
            ["Please compare it with the code printed on the charger: six letters and digits."])
    }

    private func open(_ code: String) async throws -> Response {
        do {
            let (checkout, _) = try await OpenCheckout(desk: desk)(OpenCheckout.Wish(evseCode: code))
            return .see("/s/\(checkout.secret)")
        } catch let refusal as CheckoutRefusal {
            return Self.explain(refusal, back: "/e/\(code)")
        } catch QuoteRefusal.noTariff {
            return .see("/e/\(code)")
        }
    }

    // MARK: screens 2 to 6

    private func track(_ secret: String) async throws -> Response {
        guard let visit = try await desk.store.read({ tx in try Visit(secret: secret, in: tx) }) else {
            return Self.unknownVisit.response(.notFound)
        }
        let shown = try desk.shown(in: visit.place.site.timeZone)
        return TrackPage(visit: visit, shown: shown, now: desk.clock.now).page(form: "").response()
    }

    private static let unknownVisit = HTMLPage.message(
        "This page does not exist",
        ["The link may be incomplete. Scan the code on the charger to start again."])

    private func act(_ action: String, on secret: String, form: FormFields) async throws -> Response {
        guard let visit = try await desk.store.read({ tx in try Visit(secret: secret, in: tx) }) else {
            return Self.unknownVisit.response(.notFound)
        }
        let back = "/s/\(secret)"
        do {
            switch action {
            case "pay": return try await pay(visit, form: form, back: back)
            case "start": try await StartSession(desk: desk)(visit.checkout.id)
            case "cancel": try await ReleaseHold(desk: desk).cancel(visit.checkout.id)
            case "stop":
                if let session = visit.session { _ = try await RequestRemoteStop(desk: desk)(session.id) }
            default: return Self.unknownVisit.response(.notFound)
            }
            return .see(back)
        } catch let refusal as CheckoutRefusal {
            return Self.explain(refusal, back: back)
        }
    }

    /// Asks for the hold and sends the driver to the gateway's page, which is known within a moment.
    private func pay(_ visit: Visit, form: FormFields, back: String) async throws -> Response {
        let payment = try await RequestHold(desk: desk)(
            visit.checkout.id, accepting: form["quote"] ?? "", clientKey: form["form"] ?? "form")
        let deadline = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < deadline {
            let row = try await desk.store.read { tx in try tx.find(PaymentRecord.self, payment.id) }
            if let url = row?.nextAction { return .see(url) }
            if row?.isOver == true { break }
            try await Task.sleep(for: .milliseconds(30))
        }
        return .see(back)
    }

    private func receipt(_ secret: String) async throws -> Response {
        guard let visit = try await desk.store.read({ tx in try Visit(secret: secret, in: tx) }) else {
            return Self.unknownVisit.response(.notFound)
        }
        guard let document = visit.receipt else {
            return HTMLPage.message(
                "There is no receipt yet", ["It is issued as soon as the payment is confirmed."],
                link: ("Back to the session", "/s/\(secret)")
            ).response(.notFound)
        }
        let shown = try desk.shown(in: visit.place.site.timeZone)
        return ReceiptPage(receipt: try document.receipt, shown: shown, back: "/s/\(secret)").page.response()
    }

    /// A refusal in words: what happened, and what to do.
    private static func explain(_ refusal: CheckoutRefusal, back: String) -> Response {
        let (headline, text): (String, String) =
            switch refusal {
            case .unknownEVSE(let code):
                (
                    "No charging point has the code \(code)",
                    "Please compare it with the code printed on the charger."
                )
            case .evseOccupied:
                ("This point is in use", "Please use another point of this site, or wait until it is free.")
            case .evseUnavailable: ("This point is out of service", "Please use another point of this site.")
            case .unknownCheckout:
                ("This page does not exist", "Scan the code on the charger to start again.")
            case .quoteExpired:
                (
                    "The price you saw is older than 15 minutes",
                    "Please look at the price again. Nothing was charged."
                )
            case .priceChanged:
                ("The price has changed", "Please look at the price again. Nothing was charged.")
            case .invalidState: ("This has been done already", "Your session goes on as it was.")
            case .stationOffline:
                ("The charger is offline", "It cannot be started at the moment. Nothing was charged.")
            case .noGateway: ("Payments are not set up here", "Please call the number on the charger.")
            }
        return HTMLPage.message(headline, [text], link: ("Back", back)).response(.conflict)
    }
}
