// SPDX-License-Identifier: Apache-2.0

import Billing
import HTTPTypes
import Hummingbird
import JSONText
import Quantities
import Storage

/// The operator's console: who charges now, what money moved today, what needs a person (experience.md §2).
struct ConsoleDoor: Sendable {
    let clerk: Clerk

    private var desk: Desk { clerk.desk }

    func mount(on router: Router<WebContext>) {
        router.get(.signIn) { request, _ in signInPage(PageRequest(request, desk)) }
        router.post(.signIn) { request, context in
            var ignored = HTTPFields()
            try clerk.take("sign-in:" + context.address, clerk.limits.anonymous, &ignored)
            return try await signIn(try await request.form(), PageRequest(request, desk))
        }
        form(.signOut, on: router) { _, _, _ in
            var response = Response.see(.signIn)
            response.headers[.setCookie] = ConsoleVisit.closed(desk)
            return response
        }
        page(.console, on: router, overview)
        // One by one: the router does not come back from `/operator/sessions/…` to a pattern for all of them.
        for list in SiteURL.ConsoleList.allCases {
            page(SiteURL.list(list).path, on: router) { visit, _ in
                try await ConsoleLists(visit: visit).response(list)
            }
        }
        page(.session, on: router, session)
        page(.station, on: router, station)
        page(.newTariff, on: router) { visit, _ in try await ConsoleTariffs(visit: visit).newEditor() }
        form(.newTariff, on: router) { visit, _, form in
            try await ConsoleTariffs(visit: visit).answer(form, to: nil)
        }
        page(.editTariff, on: router) { visit, context in
            try await ConsoleTariffs(visit: visit).editor(of: context.tariff)
        }
        form(.editTariff, on: router) { visit, context, form in
            try await ConsoleTariffs(visit: visit).answer(form, to: context.tariff)
        }
        page(.tariff, on: router) { visit, context in
            try await ConsoleTariffs(visit: visit).tariff(context.tariff)
        }
        form(.publishTariff, on: router) { visit, context, form in
            try await ConsoleTariffs(visit: visit).publish(context.tariff, form)
        }
        form(.archiveTariff, on: router) { visit, context, _ in
            try await ConsoleTariffs(visit: visit).archive(context.tariff)
        }
        router.get(.consoleEvents) { request, _ in try await events(request) }
        form(.stopSession, on: router, stop)
        form(.decideWork, on: router, decide)
    }

    // MARK: who looks

    private typealias Page = @Sendable (ConsoleVisit, WebContext) async throws -> Response
    private typealias Form = @Sendable (ConsoleVisit, WebContext, Query) async throws -> Response

    /// A page for whoever is signed in; others are asked for their key.
    private func page(_ pattern: SiteURL.Pattern, on router: Router<WebContext>, _ page: @escaping Page) {
        self.page(pattern.rawValue, on: router, page)
    }

    private func page(_ path: String, on router: Router<WebContext>, _ page: @escaping Page) {
        let handler: @Sendable (Request, WebContext) async throws -> Response = { request, context in
            guard let visit = try await ConsoleVisit.signedIn(PageRequest(request, desk)) else {
                return .see(.signIn)
            }
            return try await page(visit, context)
        }
        router.get(RouterPath(path), use: handler)
    }

    /// A form of whoever is signed in, and of no other site's making.
    private func form(_ pattern: SiteURL.Pattern, on router: Router<WebContext>, _ act: @escaping Form) {
        router.post(pattern) { request, context in
            let page = PageRequest(request, desk)
            guard let visit = try await ConsoleVisit.signedIn(page) else { return .see(.signIn) }
            let form = try await request.form()
            guard visit.owns(form) else {
                let words = page.shownAnywhere.words
                return page.notice(
                    .refused(
                        headline: words(.foreignFormTitle), text: words(.foreignFormText), back: .console),
                    .forbidden)
            }
            return try await act(visit, context, form)
        }
    }

    private func signInPage(_ request: PageRequest, isWrong: Bool = false) -> Response {
        let screen = SignInScreen(frame: PageFrame(organisation: "Amptill"), isWrongKey: isWrong)
        return request.page(screen.html(request.shownAnywhere), isWrong ? .unauthorized : .ok)
    }

    private func signIn(_ form: Query, _ request: PageRequest) async throws -> Response {
        let key = (form["key"] ?? "").filter { !$0.isWhitespace }
        guard let cookie = try await ConsoleVisit.open(with: key, request) else {
            return signInPage(request, isWrong: true)
        }
        var response = Response.see(.console)
        response.headers[.setCookie] = cookie
        return response
    }

    // MARK: the first page

    private func overview(_ visit: ConsoleVisit, _: WebContext) async throws -> Response {
        let shown = try visit.shown
        let screen = try await desk.store.read { tx in try OverviewScreen(visit, shown, in: tx) }
        return visit.page.page(screen.html(shown))
    }

    /// The first page's numbers, whenever anything changes.
    private func events(_ request: Request) async throws -> Response {
        guard let visit = try await ConsoleVisit.signedIn(PageRequest(request, desk)) else {
            throw Problem(.unauthenticated, "Sign in to the console first.")
        }
        let stream = SessionStream(hub: clerk.hub, event: "session", ids: [LiveHub.anything]) { [desk] in
            let shown = try visit.shown
            let screen = try await desk.store.read { tx in try OverviewScreen(visit, shown, in: tx) }
            let json = screen.event(shown).json
            // There is no row whose version counts everything: the text itself tells whether anything is new.
            let version = json.serialized().reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01b3
            }
            return SessionStream.Frame(version: Int64(version >> 1), json: json, isLast: false)
        }
        return stream.reply(to: request).response
    }

    // MARK: one session, one station

    private func session(_ visit: ConsoleVisit, _ context: WebContext) async throws -> Response {
        let id = context.parameters.get("id").flatMap { SessionID($0) }
        let shown = try visit.shown
        let screen = try await desk.store.read { tx -> SessionScreen? in
            guard let session = try visit.find(SessionRecord.self, id, in: tx) else { return nil }
            return try SessionScreen(session, visit, shown, in: tx)
        }
        guard let screen else { return visit.page.notice(.notFound, .notFound) }
        return visit.page.page(screen.html(shown))
    }

    private func station(_ visit: ConsoleVisit, _ context: WebContext) async throws -> Response {
        let id = context.parameters.get("id").flatMap { StationID($0) }
        let shown = try visit.shown
        let screen = try await desk.store.read { tx -> StationScreen? in
            guard let station = try visit.find(StationRecord.self, id, in: tx) else { return nil }
            return try StationScreen(station, visit, shown, in: tx)
        }
        guard let screen else { return visit.page.notice(.notFound, .notFound) }
        return visit.page.page(screen.html(shown))
    }

    // MARK: what an operator can do

    private func stop(_ visit: ConsoleVisit, _ context: WebContext, _: Query) async throws -> Response {
        let id = context.parameters.get("id").flatMap { SessionID($0) }
        let session = try await desk.store.read { tx in try visit.find(SessionRecord.self, id, in: tx) }
        guard let session else { return visit.page.notice(.notFound, .notFound) }
        _ = try await RequestRemoteStop(desk: desk)(session.id)
        return .see(.session(session.id))
    }

    private func decide(_ visit: ConsoleVisit, _ context: WebContext, _ form: Query) async throws -> Response
    {
        guard let id = context.parameters.get("id").flatMap({ WorkItemID($0) }) else {
            return visit.page.notice(.notFound, .notFound)
        }
        let note = (form["note"] ?? "").trimmingBlanks
        func energy(_ name: String) -> Energy? {
            form.integer(name).flatMap { (0...1_000_000_000_000).contains($0) ? Energy(wattHours: $0) : nil }
        }
        let answer = DecideWorkItem.Answer(
            form["decision"] ?? "", because: note.isEmpty ? nil : String(note.prefix(500)),
            session: form["session"].flatMap { SessionID($0) },
            account: form["account"].flatMap { AccountID($0) },
            energy: energy("wh"), register: energy("wh"),
            from: form["from"].flatMap { Instant(iso8601: $0.trimmingBlanks) },
            to: form["to"].flatMap { Instant(iso8601: $0.trimmingBlanks) })
        do {
            _ = try await DecideWorkItem(desk: desk)(id, answer, by: visit.author)
        } catch AdministrationRefusal.invalidState {
            // Somebody else was faster; the list shows what they decided.
        } catch AdministrationRefusal.invalid(_, let why) {
            return visit.page.notice(
                .refused(headline: try visit.shown.words(.decisionRefused), text: why, back: .list(.work)),
                .unprocessableContent)
        }
        return .see(.list(.work))
    }
}

extension WebContext {
    /// The tariff in the address; nil if that is no id.
    fileprivate var tariff: TariffID? { parameters.get("id").flatMap { TariffID($0) } }
}
