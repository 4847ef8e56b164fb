import Product
import Services

/// The times of the real timer units, read from the units' own texts.
struct PollTimer: Sendable {
  /// When a staged version is first looked after in a boot.
  let gateAfterBoot: Int64
  let afterBoot: Int64
  let afterPoll: Int64
  let randomDelay: Int64

  init(_ product: ProductManifest) throws {
    let polls = try Units.polls(product).text
    let gate = try Units.updater(product, UnitPaths(product.id)).first {
      $0.name == "slipway-apply@\(product.id).timer"
    }
    func seconds(_ key: String, _ text: String) throws -> Int64 {
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("\(key)=") }) else {
        throw SimulationError("the timer has no \(key)")
      }
      let value = line.dropFirst(key.utf8.count + 1)
      let units: [(String, Int64)] = [("min", 60), ("h", 3600), ("s", 1)]
      for (unit, factor) in units where value.hasSuffix(unit) {
        if let number = Int64(value.dropLast(unit.utf8.count)) { return number * factor }
      }
      throw SimulationError("\(line): a time that is not understood")
    }
    gateAfterBoot = try seconds("OnBootSec", gate?.text ?? "")
    afterBoot = try seconds("OnBootSec", polls)
    afterPoll = try seconds("OnUnitInactiveSec", polls)
    randomDelay = try seconds("RandomizedDelaySec", polls)
  }

  /// The first poll of a boot, or the next one after a poll.
  func next(after moment: Int64, booted: Bool, jitter: Bool, using dice: inout Dice) -> Int64 {
    moment + (booted ? afterBoot : afterPoll) + (jitter ? Int64.random(in: 0...randomDelay, using: &dice) : 0)
  }
}

struct SimulationError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
