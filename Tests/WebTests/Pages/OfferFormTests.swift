// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Quantities
import Storage
import Testing
import Web

@Suite("The form before paying", .timeLimit(.minutes(1)))
struct OfferFormTests {
    private static let consent = OfferChoices.consentVersion

    /// A free charging point with a price.
    private func point() async throws -> (AccountBench, OrganisationID) {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let bench = try await AccountBench(
            server, client, account: ["kind": "personal", "name": "Kim", "funding": "wallet"])
        return (bench, organisation)
    }

    private func send(
        _ fields: [String: String], to bench: AccountBench, language: String = "en"
    ) async throws -> APIClient.Answer {
        let body = fields.map { name, value in
            name + "=" + (value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
        }.joined(separator: "&")
        return try await bench.server.anonymous.send(
            "POST", "/e/\(bench.network.code)", body: Array(body.utf8),
            headers: [
                "Content-Type": "application/x-www-form-urlencoded", "Accept-Language": language,
            ])
    }

    private func checkouts(of organisation: OrganisationID, _ bench: AccountBench) async throws
        -> [CheckoutRecord]
    {
        try await bench.server.desk.store.read { tx in
            try tx.all(CheckoutRecord.self).filter { $0.organisation == organisation }
        }
    }

    @Test("limits in money and in kWh and the consent of a ticked box are part of the checkout")
    func everything() async throws {
        let (bench, organisation) = try await point()

        let page = try await send(
            ["limit": " 25,50 ", "energy": "20.5", "consent": Self.consent], to: bench, language: "de")

        #expect(page.status == 200, "\(page.text)")
        let checkout = try #require(try await checkouts(of: organisation, bench).first)
        #expect(checkout.limitMinor == 25_50)
        #expect(checkout.limits == SessionLimits(energy: Energy(wattHours: 20_500)))
        #expect(checkout.consent?.textVersion == Self.consent && checkout.consent?.maximumMinor == 120_00)
        #expect(checkout.language == "de")
    }

    @Test("nothing of it is needed, and a text that is not today's was not agreed to")
    func nothing() async throws {
        let (bench, organisation) = try await point()

        for fields in [["limit": "", "energy": " "], ["consent": "page-2025-01"], ["consent": "on"]] {
            #expect(try await send(fields, to: bench).status == 200)
        }

        let all = try await checkouts(of: organisation, bench)
        #expect(all.count == 3)
        #expect(all.allSatisfy { $0.consent == nil && $0.limits == nil && $0.limitMinor == nil })
    }

    @Test("what cannot be read comes back with a word beside its field, and nothing else is lost")
    func faults() async throws {
        let (bench, organisation) = try await point()
        for (language, fields, words) in [
            ("en", ["limit": "lots"], ["Please give the limit as an amount", #"value="lots""#]),
            ("en", ["limit": "0.50"], ["must be at least 1.00 €", #"value="0.50""#]),
            ("de", ["limit": "0"], ["Bitte geben Sie das Limit als Betrag an", #"id="limit-fault""#]),
            (
                "de", ["energy": "voll", "limit": "25", "consent": Self.consent],
                [
                    "Bitte geben Sie das Limit in kWh an", #"id="energy-fault""#, #"value="25""#,
                    #"value="\#(Self.consent)" checked"#,
                ]
            ),
            ("en", ["energy": "10000.001"], ["Please give the limit in kWh"]),
            ("en", ["energy": "0"], ["Please give the limit in kWh"]),
            ("en", ["energy": "-5"], ["Please give the limit in kWh"]),
            ("en", ["energy": #""><b>"#], ["value=\"&quot;&gt;&lt;b&gt;\""]),
        ] {
            let page = try await send(fields, to: bench, language: language)

            #expect(page.status == 422)
            for text in words + [#"<details class="choices" open>"#, #"aria-invalid="true""#] {
                #expect(page.text.contains(text), "\(fields): \(text)")
            }
        }
        #expect(try await checkouts(of: organisation, bench).isEmpty)
    }

    @Test("an address for the receipt is taken where receipts are mailed, and nowhere else")
    func email() {
        for (text, takesMail, email, faults) in [
            ("kim@example.org", true, "kim@example.org", [:]), ("kim@example.org", false, nil, [:]),
            ("kim", true, nil, [.email: .emailUnreadable]), ("", true, nil, [:]),
        ] as [(String, Bool, String?, [OfferForm.Field: OfferForm.Fault])] {
            var form = OfferForm()
            form.texts[.email] = text
            var wish = OpenCheckout.Wish(evseCode: "K7QM2X")
            form.fill(&wish, in: .eur, takesMail: takesMail)
            #expect(wish.email == email)
            #expect(form.faults == faults)
        }
        var screen = Samples.point()
        #expect(screen.html(Samples.shown).contains(#"name="email""#))
        screen.choices?.takesMail = false
        #expect(!screen.html(Samples.shown).contains(#"name="email""#))
    }

    /// Whoever changes a sentence gives it a new version: what was agreed to is known for ever by it.
    @Test("the text of this version is this one, in each language")
    func consentText() {
        #expect(Self.consent == "page-2026-12")
        #expect(
            Words(.english)(.consentText, ["maximum": "120.00 €"])
                == "If the session costs more than is reserved, the rest may be charged to the same card later, at most 120.00 €. You need not agree to this."
        )
        #expect(
            Words(.german)(.consentText, ["maximum": "120,00 €"])
                == "Kostet der Ladevorgang mehr als reserviert ist, darf der Rest später von derselben Karte abgebucht werden, höchstens 120,00 €. Sie müssen dem nicht zustimmen."
        )
        for (shown, maximum) in [(Samples.shown, "120.00 €"), (Samples.german, "120,00 €")] {
            let text = shown.words(.consentText, ["maximum": maximum])
            #expect(Samples.point().html(shown).contains("<span>\(text)</span>"))
        }
    }
}
