import Subprocess
import SystemPackage

/// The publisher's side: `slipway-release` itself, under a clock that says the simulated time.
struct Publisher: Sendable {
  let program: String
  let folder: String

  func run(_ arguments: [String], at moment: Int64) async throws {
    let result = try await Subprocess.run(
      .name("faketime"),
      arguments: Arguments(
        ["-f", "@\(Self.text(moment))", program] + arguments
          + ["--repository", "\(folder)/repository", "--keys", "\(folder)/keys"]),
      environment: .inherit.updating(["TZ": "UTC", "SLIPWAY_PASSPHRASE": "simulated"]),
      output: .discarded, error: .string(limit: 4096))
    guard result.terminationStatus.isSuccess else {
      throw SimulationError("slipway-release \(arguments.joined(separator: " ")): \(result.standardError)")
    }
  }

  /// As faketime wants it: `2027-01-04 00:00:00`.
  static func text(_ moment: Int64) -> String {
    // Days to a civil date (Howard Hinnant's algorithm, from 1 March 0000).
    let days = moment / 86_400 + 719_468
    let era = days / 146_097
    let day = days - era * 146_097
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let ofYear = day - (365 * year + year / 4 - year / 100)
    let month = (5 * ofYear + 2) / 153
    let date = ofYear - (153 * month + 2) / 5 + 1
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let civil = month < 10 ? month + 3 : month - 9
    let seconds = moment % 86_400
    return "\(year + era * 400 + (civil <= 2 ? 1 : 0))-\(two(civil))-\(two(date)) "
      + "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }
}

/// What the publisher does, and when: seconds since the start of the simulation.
struct Plan: Sendable {
  let steps: [(at: Int64, arguments: [String])]
  let badAt: Int64
  let haltedAt: Int64
  let goodAt: Int64

  init(_ world: World, days: Int64) {
    let hour: Int64 = 3600
    badAt = 33 * hour
    haltedAt = 39 * hour
    goodAt = 81 * hour
    func promote(_ version: String, _ percent: Int) -> [String] {
      ["promote", "\(world.product.id)", version, "--channel", world.product.channel, "--percent", "\(percent)"]
    }
    var steps: [(at: Int64, arguments: [String])] = [
      (badAt, promote("\(world.bad)", 10)),
      (
        haltedAt,
        [
          "halt", "\(world.product.id)", "\(world.bad)", "--channel", world.product.channel, "--reason",
          "the display goes dark", "--roll-back",
        ]
      ),
      (goodAt, promote("\(world.good)", 10)),
      (goodAt + 24 * hour, promote("\(world.good)", 50)),
      (goodAt + 48 * hour, promote("\(world.good)", 100)),
    ]
    // The publisher's own timer.
    for moment in stride(from: 6 * hour + 1800, to: days * 24 * hour, by: Int(6 * hour)) {
      steps.append((moment, ["resign", "--due"]))
    }
    self.steps = steps.sorted { $0.at < $1.at }
  }
}
