import ArgumentParser
import RosterModel

/// The option of commands that find users by their last login.
struct LastLoginOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only users who existed then and have not logged in since, such as 180d or 2027-01-31.", valueName: "time"))
    var notUsedSince: String?

    @OptionGroup var timeZone: TimeZoneOption

    /// The parameter of the list of users; its value is nil if the flag was not given.
    var parameter: (String, String?) {
        get throws {
            let time = try notUsedSince.map {
                try TypedTime(flag: "--not-used-since", day: .beginning, direction: .past, zone: timeZone.zone).time($0)
            }
            return ("not_used_since", time?.iso8601)
        }
    }
}
