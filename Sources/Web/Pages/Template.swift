// SPDX-License-Identifier: Apache-2.0

import Mustache

/// A page's text with its gaps. The texts are part of the binary; they are read once.
struct Template: Sendable {
    private let template: MustacheTemplate

    init(_ bytes: [UInt8]) {
        do {
            template = try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
        } catch {
            preconditionFailure("a template of this release is broken: \(error)")
        }
    }

    /// Fills the gaps; everything but `{{{…}}}` is escaped.
    ///
    /// An empty text counts as absent, so that a section around it is left out.
    func render(_ model: [String: Any]) -> String {
        template.render(model.filter { ($0.value as? String) != "" }, library: Self.partials)
    }

    static let driver = Template(PackageResources.driver_mustache)
    static let console = Template(PackageResources.console_mustache)
    static let offer = Template(PackageResources.offer_mustache)
    static let visit = Template(PackageResources.visit_mustache)
    static let receipt = Template(PackageResources.receipt_mustache)
    static let price = Template(PackageResources.price_mustache)
    static let notice = Template(PackageResources.notice_mustache)
    static let landing = Template(PackageResources.landing_mustache)
    static let signin = Template(PackageResources.signin_mustache)
    static let overview = Template(PackageResources.overview_mustache)
    static let list = Template(PackageResources.list_mustache)
    static let timeline = Template(PackageResources.timeline_mustache)
    static let station = Template(PackageResources.station_mustache)
    static let ledger = Template(PackageResources.ledger_mustache)
    static let tariff = Template(PackageResources.tariff_mustache)
    static let tariffEditor = Template(PackageResources.tariff_editor_mustache)

    /// What pages share.
    private static let partials = MustacheLibrary(templates: [
        "mark": Template(PackageResources.mark_mustache).template,
        "pricebox": Template(PackageResources.pricebox_mustache).template,
        "breakdown": Template(PackageResources.breakdown_mustache).template,
        "chart": Template(PackageResources.chart_mustache).template,
        "table": Template(PackageResources.table_mustache).template,
        "findings": Template(PackageResources.findings_mustache).template,
    ])
}

/// The values of a template's gaps. What is nil is absent, so that a section around it is left out.
struct Gaps: ExpressibleByDictionaryLiteral {
    private(set) var values: [String: Any] = [:]

    init(dictionaryLiteral elements: (String, Any?)...) {
        for (key, value) in elements { self[key] = value }
    }

    /// A value by its name. Nested gaps become what the template engine reads.
    subscript(key: String) -> Any? {
        get { values[key] }
        set {
            switch newValue {
            case let gaps as Gaps: values[key] = gaps.values
            case let list as [Gaps]: values[key] = list.isEmpty ? nil : list.map(\.values)
            case let text as String: values[key] = text.isEmpty ? nil : text
            case .some(let value): values[key] = Self.unwrapped(value)
            case .none: values[key] = nil
            }
        }
    }

    /// An optional inside `Any` is absent if it is nil.
    private static func unwrapped(_ value: Any) -> Any? {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .optional else { return value }
        return mirror.children.first?.value
    }
}
