// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// The schema of this release. A new file in `Migrations/` gets its line here; a test compares the two.
    package static let product: [Migration] = [
        Migration(
            number: 1, name: "first-kilowatt-hour", embedded: PackageResources._001_first_kilowatt_hour_sql),
        Migration(number: 2, name: "kept-forms", embedded: PackageResources._002_kept_forms_sql),
        Migration(number: 3, name: "refunds", embedded: PackageResources._003_refunds_sql),
        Migration(
            number: 4, name: "station-configuration",
            embedded: PackageResources._004_station_configuration_sql),
        Migration(number: 5, name: "funding", embedded: PackageResources._005_funding_sql),
        Migration(
            number: 6, name: "work-and-late-facts", embedded: PackageResources._006_work_and_late_facts_sql),
        Migration(
            number: 7, name: "events-and-credentials",
            embedded: PackageResources._007_events_and_credentials_sql),
        Migration(
            number: 8, name: "gateway-accounts", embedded: PackageResources._008_gateway_accounts_sql),
        Migration(
            number: 9, name: "station-window", embedded: PackageResources._009_station_window_sql),
        Migration(
            number: 10, name: "methods-and-reports",
            embedded: PackageResources._010_methods_and_reports_sql),
        Migration(number: 11, name: "narrow-log", embedded: PackageResources._011_narrow_log_sql),
        Migration(
            number: 12, name: "account-starts-and-drivers",
            embedded: PackageResources._012_account_starts_and_drivers_sql),
        Migration(
            number: 13, name: "limits-and-returns", embedded: PackageResources._013_limits_and_returns_sql),
        Migration(
            number: 14, name: "secrets-and-mail", embedded: PackageResources._014_secrets_and_mail_sql),
        Migration(
            number: 15, name: "facts-with-their-message",
            embedded: PackageResources._015_facts_with_their_message_sql),
        Migration(
            number: 16, name: "payments-of-account",
            embedded: PackageResources._016_payments_of_account_sql),
        Migration(
            number: 17, name: "fewer-pages", embedded: PackageResources._017_fewer_pages_sql),
        Migration(
            number: 18, name: "meters-of-stations",
            embedded: PackageResources._018_meters_of_stations_sql),
    ]
}
