// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONText
import Testing
import Web

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A browser without JavaScript in which an operator is signed in: it keeps one cookie and follows no redirect.
final class ConsoleBrowser: NSObject, URLSessionTaskDelegate, Sendable {
    struct Page {
        let status: Int
        let text: String
        let location: String?

        /// The hidden field that goes with every form.
        var formToken: String? { text.firstMatch(of: /name="csrf" value="([^"]+)"/).map { String($0.1) } }
        func contains(_ words: String) -> Bool { text.contains(words) }
    }

    private let url: URL
    private let cookie: String

    init(_ url: URL, key: String) async throws {
        self.url = url
        let (_, response) = try await Self.send(url, "/operator/login", "POST", ["key": key], cookie: nil)
        let header = response.value(forHTTPHeaderField: "Set-Cookie") ?? ""
        cookie = String(header.prefix { $0 != ";" })
        guard !cookie.isEmpty else { throw Trouble("the key does not open the console") }
    }

    func get(_ path: String) async throws -> Page { try await page(path, "GET", [:]) }
    func post(_ path: String, _ form: [String: String]) async throws -> Page {
        try await page(path, "POST", form)
    }

    private func page(_ path: String, _ method: String, _ form: [String: String]) async throws -> Page {
        let (data, response) = try await Self.send(url, path, method, form, cookie: cookie)
        return Page(
            status: response.statusCode, text: String(decoding: data, as: UTF8.self),
            location: response.value(forHTTPHeaderField: "Location"))
    }

    private static func send(
        _ url: URL, _ path: String, _ method: String, _ form: [String: String], cookie: String?
    ) async throws -> (Data, HTTPURLResponse) {
        guard let target = URL(string: url.absoluteString + path) else {
            throw Trouble("no address: \(path)")
        }
        var request = URLRequest(url: target, timeoutInterval: 60)
        request.httpMethod = method
        request.httpShouldHandleCookies = false
        if let cookie { request.setValue(cookie, forHTTPHeaderField: "Cookie") }
        if method == "POST" {
            request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
            let unreserved = CharacterSet.alphanumerics
            let text = form.map { name, value in
                "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "")"
            }
            request.httpBody = Data(text.joined(separator: "&").utf8)
        }
        let session = URLSession(
            configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)
        let (data, response) = try await session.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw Trouble("no answer from \(path)") }
        return (data, response)
    }

    private final class NoRedirects: NSObject, URLSessionTaskDelegate {
        func urlSession(
            _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
            newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
        ) { completionHandler(nil) }
    }
}

@Suite("Console: tariffs", .timeLimit(.minutes(2)))
struct ConsoleTariffTests {
    private static let good =
        #"{"elements": [{"price_components": [{"type": "ENERGY", "price": "0.59", "step_size": 1}]}]}"#

    /// A tenant with a network, signed in to the console, with the token of its forms.
    private func visit(_ identity: String) async throws -> (
        browser: ConsoleBrowser, network: APINetwork, client: APIClient, token: String
    ) {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let network = try await APINetwork(client, identity: identity)
        let browser = try await ConsoleBrowser(server.url, key: client.key ?? "")
        let token = try #require(try await browser.get("/operator/tariffs/new").formToken)
        return (browser, network, client, token)
    }

    @Test("the list and the page of a tariff show its price, its versions and where it is used")
    func lists() async throws {
        let (browser, network, _, _) = try await visit("CONSOLE-TARIFF-1")

        let list = try await browser.get("/operator/tariffs")
        let page = try await browser.get("/operator/tariffs/\(network.tariff)")
        let foreign = try await browser.get("/operator/tariffs/trf_01J9ZZZZZZZZZZZZZZZZZZZZZZ")

        #expect(list.status == 200)
        #expect(list.contains("href=\"/operator/tariffs/\(network.tariff)\""))
        #expect(list.contains("0.49 €/kWh"))
        #expect(page.contains("0.49 €/kWh"))
        #expect(page.contains("in force"))
        #expect(page.contains("/operator/tariffs/\(network.tariff)/archive"))
        #expect(foreign.status == 404)
    }

    @Test("a preview shows the driver's box and the findings, and keeps what was typed")
    func preview() async throws {
        let (browser, network, client, token) = try await visit("CONSOLE-TARIFF-2")
        let path = "/operator/tariffs/\(network.tariff)/edit"

        let good = try await browser.post(
            path, ["csrf": token, "action": "preview", "version": Self.good])
        let broken = try await browser.post(
            path, ["csrf": token, "action": "preview", "version": #"{"elements": [{"price_components": ["#])
        let misspelt = try await browser.post(
            path,
            [
                "csrf": token, "action": "preview",
                "version": Self.good.replacing("}]}]}", with: #"}], "restrictions": {"min_kw": 1}}]}"#),
            ])

        #expect(good.status == 200)
        #expect(good.contains("0.59 €/kWh"))
        #expect(good.contains("incl. 19 % VAT"))
        #expect(good.contains("&quot;0.59&quot;"))
        #expect(broken.contains("json_invalid"))
        #expect(!broken.contains("pricebox"))
        #expect(misspelt.contains("unknown_field_in_restrictions"))
        let tariff = try await client.get("/v1/tariffs/\(network.tariff)")
        #expect(tariff["versions"]?.array?.count == 1)
    }

    @Test("a version is saved with its start, and refused for publishing while it has errors")
    func saving() async throws {
        let (browser, network, client, token) = try await visit("CONSOLE-TARIFF-3")
        let path = "/operator/tariffs/\(network.tariff)"
        let negative = Self.good.replacing("0.59", with: "-0.59")

        let saved = try await browser.post(
            "\(path)/edit",
            [
                "csrf": token, "action": "publish", "version": Self.good, "starts": "2040-07-01T06:30",
            ])
        let draft = try await browser.post(
            "\(path)/edit", ["csrf": token, "action": "save", "version": negative])
        let refused = try await browser.post(
            "\(path)/edit", ["csrf": token, "action": "publish", "version": negative])
        let badStart = try await browser.post(
            "\(path)/edit", ["csrf": token, "action": "save", "version": Self.good, "starts": "soon"])

        #expect(saved.status == 303)
        #expect(saved.location == path)
        #expect(draft.status == 303)
        #expect(refused.status == 422)
        #expect(refused.contains("negative_price"))
        #expect(badStart.status == 422)
        let versions = try await client.get("/v1/tariffs/\(network.tariff)/versions")["data"]
        #expect(versions?.array?.count == 3)
        let number = try #require(versions?[0]?["id"]?.string)
        let publish = try await browser.post("\(path)/publish", ["csrf": token, "version": number])
        #expect(publish.status == 422)
        #expect(publish.contains("negative_price"))
        let api = try await client.post("/v1/tariffs/\(network.tariff)/versions/\(number)/publish")
        #expect(api.code == "tariff_has_errors")
        #expect(api["findings"]?[0]?["code"] == "negative_price")
        let early = versions?.array?.last { $0["number"] == 2 }
        #expect(early?["published_at"] != .null)
        // The organisation's zone is UTC in tests unless it says otherwise; the start is on its clocks.
        #expect(early?["starts_at"]?.string?.hasPrefix("2040-07-01T") == true)
    }

    @Test("a tariff is made from simple fields, and archived")
    func making() async throws {
        let (browser, _, client, token) = try await visit("CONSOLE-TARIFF-4")

        let written = try await browser.post(
            "/operator/tariffs/new",
            [
                "csrf": token, "action": "simple", "name": "Night", "currency": "EUR", "energy": "0,39",
                "idle": "0.10", "grace": "5", "cap": "12",
            ])
        let text = try #require(
            written.text.firstMatch(of: /<textarea[^>]*>\n([\s\S]*?)<\/textarea>/).map { String($0.1) })
        let version = text.replacing("&quot;", with: "\"")
        let made = try await browser.post(
            "/operator/tariffs/new",
            ["csrf": token, "action": "publish", "name": "Night", "currency": "EUR", "version": version])
        let nameless = try await browser.post(
            "/operator/tariffs/new",
            ["csrf": token, "action": "save", "name": " ", "currency": "EUR", "version": version])

        #expect(version.contains(#""grace_s": 300"#))
        #expect(version.contains(#""price": "6""#))
        #expect(made.status == 303)
        #expect(nameless.status == 422)
        let path = try #require(made.location)
        #expect(try await browser.get(path).contains("0.39 €/kWh"))
        let archived = try await browser.post("\(path)/archive", ["csrf": token])
        #expect(archived.status == 303)
        #expect(try await browser.get("/operator/tariffs").contains(path) == false)
        #expect(try await browser.get("/operator/tariffs?status=archived").contains(path))
        #expect(try await client.get("/v1/tariffs")["data"]?.array?.count == 1)
    }

    @Test("a form without the visit's token changes nothing")
    func foreignForms() async throws {
        let (browser, network, client, _) = try await visit("CONSOLE-TARIFF-5")

        for path in ["edit", "publish", "archive"] {
            let answer = try await browser.post(
                "/operator/tariffs/\(network.tariff)/\(path)",
                ["csrf": "x", "action": "publish", "version": Self.good])
            #expect(answer.status == 403)
        }
        let tariff = try await client.get("/v1/tariffs/\(network.tariff)")
        #expect(tariff["versions"]?.array?.count == 1)
        #expect(tariff["archived_at"] == .null)
    }
}
