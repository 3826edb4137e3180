// SPDX-License-Identifier: Apache-2.0
import Quantities
import Testing
import Web

@Suite("Addresses", .timeLimit(.minutes(1)))
struct SiteURLTests {
    private static let all: [SiteURL] =
        [
            .landing, .point(code: "K7QM2X"), .pointSearch, .visit(secret: "s"), .visitEvents(secret: "s"),
            .visitPrice(secret: "s"), .receipt(secret: "s"), .console, .signIn,
            .signOut, .consoleEvents, .session(Samples.id(1)), .stopSession(Samples.id(1)),
            .station(Samples.id(1)), .decideWork(Samples.id(1)), .account("Income:Energy"),
            .newTariff, .tariff(Samples.id(1)), .editTariff(Samples.id(1), from: Samples.id(2)),
            .publishTariff(Samples.id(1)), .archiveTariff(Samples.id(1)), .problem(code: "not_found"),
        ] + SiteURL.VisitAction.allCases.map { .visitAction(secret: "s", $0) }
        + SiteURL.ConsoleList.allCases.map { .list($0) } + PageAsset.allCases.map { .asset($0) }

    @Test("every address fits its pattern, and every pattern has an address")
    func patterns() {
        for url in Self.all {
            let path = url.path.split(separator: "?")[0].split(separator: "/")
            let pattern = url.pattern.rawValue.split(separator: "/")
            #expect(path.count == pattern.count)
            #expect(zip(path, pattern).allSatisfy { $0 == $1 || $1.hasPrefix("{") }, "\(url.path)")
        }
        #expect(Set(Self.all.map(\.pattern)) == Set(SiteURL.Pattern.allCases))
    }

    @Test("nothing in a segment can leave it")
    func encoding() {
        #expect(SiteURL.point(code: "../s/x?y#z").path == "/e/..%2Fs%2Fx%3Fy%23z")
        #expect(SiteURL.point(code: "Ä \"<").path == "/e/%C3%84%20%22%3C")
        #expect(SiteURL.visitAction(secret: "s", .pay).path == "/s/s/pay")
    }

    @Test("the address of an asset changes with its content only")
    func assetVersions() {
        let paths = PageAsset.allCases.map { SiteURL.asset($0).path }

        #expect(Set(paths).count == paths.count)
        #expect(paths.allSatisfy { $0.wholeMatch(of: #/\/assets\/[a-z.]+\?v=[0-9a-z]{8,}/#) != nil })
    }
}
