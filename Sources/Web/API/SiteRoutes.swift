// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// Sites (api.md §3.1).
enum SiteRoutes {
    static let all: [Route] = [
        .get(
            "/v1/sites", Set.readers.union([.siteHost]), "Sites, newest first; archived ones are left out.",
            query: Query.Parameter.page("site") + [
                Query.Parameter(name: "archived", shape: .flag, note: "Shows archived sites too.")
            ],
            answers: [.page(of: .site)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "site")
                if !call.query.flag("archived") { page.filter.empty = ["archived_at"] }
                return try await call.page(of: SiteRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .post(
            "/v1/sites", .operators, "Make a site.", request: .siteWish, answers: [.created(.site)],
            { call in
                let site = try await Sites(desk: call.desk).create(try wish(call.body), by: try call.author)
                return .created(site.json, at: "/v1/sites/\(site.id)")
            }),
        .get(
            "/v1/sites/{id}", Set.readers.union([.siteHost]), "A site.", answers: [.ok(.site)],
            { call in .ok(try await call.find(SiteRecord.self, "site").json) }),
        .patch(
            "/v1/sites/{id}", .operators, "Change a site.", request: ObjectShape.siteWish.patch("SiteChange"),
            answers: [.ok(.site)],
            { call in
                let site = try await Sites(desk: call.desk).change(
                    try call.id(of: "site"), try wish(call.body), version: try call.expectedVersion,
                    by: try call.author)
                return .ok(site.json)
            }),
        .post(
            "/v1/sites/{id}/archive", .operators, "Archive a site without stations.", answers: [.ok(.site)],
            problems: [.invalidState],
            { call in
                .ok(
                    try await Sites(desk: call.desk).archive(try call.id(of: "site"), by: try call.author)
                        .json)
            }),
    ]

    private static func wish(_ body: Body) throws(Problem) -> Sites.Wish {
        var wish = Sites.Wish()
        wish.name = body.text("name")
        if let address = body.object("address") { wish.address = try PostalAddress(address) }
        wish.timeZone = body.text("time_zone")
        wish.country = body.text("country")
        if let taxes = body.object("tax_profile") {
            wish.taxes = SiteTaxes(
                energy: try taxes.taxRate("energy"), time: try taxes.taxRate("time"),
                parking: try taxes.taxRate("parking"), flat: try taxes.taxRate("flat"),
                included: try taxes.need("included", taxes.flag("included")),
                country: taxes.text("country") ?? body.text("country") ?? wish.address?.country ?? "")
        }
        wish.supportPhone = body.text("support_phone")
        wish.host = body.text("host")
        wish.defaultTariff = try body.id("default_tariff")
        return wish
    }
}

extension ObjectShape {
    /// The rates of tax of a site, in percent; a kind without a rate states no tax, which is not 0 %.
    static let taxProfile = ObjectShape(
        "TaxProfile",
        [
            .may("energy", .decimal), .may("time", .decimal), .may("parking", .decimal),
            .may("flat", .decimal),
            .must("included", .flag, "Whether the tariff's prices contain the tax."),
            .may("country", .text(.country, max: 2)),
        ])

    private static let siteFields: [Field] = [
        .must("name", .shortText), .must("address", .object(.address)),
        .must("time_zone", .text(.timeZone, max: 60)), .must("country", .text(.country, max: 2)),
        .must("tax_profile", .object(.taxProfile)), .may("support_phone", .text(.phone, max: 40)),
        .may("host", .shortText), .may("default_tariff", .id("trf")),
    ]

    /// A place with stations.
    static let site = ObjectShape(
        "Site",
        [.must("id", .id("site"))] + siteFields + [
            .must("created_at", .instant), .may("archived_at", .instant), .must("version", .count),
        ])

    /// What a new site is made of; what is left out comes from the organisation.
    static let siteWish = ObjectShape(
        "NewSite",
        [.must("name", .shortText)] + ObjectShape(nil, Array(siteFields.dropFirst())).patch().fields)
}

extension SiteRecord {
    /// As the API shows it.
    var json: JSON {
        [
            "id": .id(id), "name": .string(name), "address": address.json, "time_zone": .string(timeZone),
            "country": .string(country), "tax_profile": taxProfile.json, "support_phone": .text(supportPhone),
            "host": .text(host), "default_tariff": .id(defaultTariff), "created_at": .time(createdAt),
            "archived_at": .time(archivedAt), "version": JSON(version),
        ]
    }
}

extension SiteTaxes {
    var json: JSON {
        [
            "energy": .text(energy?.percentText), "time": .text(time?.percentText),
            "parking": .text(parking?.percentText), "flat": .text(flat?.percentText),
            "included": .bool(included),
            "country": country.isEmpty ? .null : .string(country),
        ]
    }
}
