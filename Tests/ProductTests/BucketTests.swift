import Cryptography
import Product
import Testing

/// A fleet of 100,000 devices with seeds of their own, drawn by a generator that is always the same.
@Suite struct BucketTests {
  static let devices = 100_000

  struct Generator: RandomNumberGenerator {
    var state: UInt64 = 0x5eed
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
      return word ^ (word >> 31)
    }
  }

  static let seeds: [[UInt8]] = {
    var generator = Generator()
    return (0..<devices).map { _ in (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) } }
  }()

  static func buckets(_ version: SemanticVersion, product: String = "room-agent") throws -> [Int] {
    let id = try ProductID(product)
    return try seeds.map { try Bucket.number(seed: $0, product: id, version: version) { try sha256($0).bytes } }
  }

  static func chiSquared(_ counts: [Int], expected: Double) -> Double {
    counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }

  /// With 99 degrees of freedom a fair spread is above 161 once in ten thousand times.
  @Test(arguments: ["1.5.0", "1.5.1", "2.0.0-rc.1"]) func bucketsAreFilledEvenly(_ version: String) throws {
    var counts = [Int](repeating: 0, count: 100)
    for bucket in try Self.buckets(try SemanticVersion(version)) { counts[bucket] += 1 }
    let chiSquared = Self.chiSquared(counts, expected: Double(Self.devices) / 100)
    #expect(chiSquared < 161, "\(chiSquared)")
    // Nor too even: below 46 once in ten thousand times.
    #expect(chiSquared > 46, "\(chiSquared)")
  }

  /// The decision itself, percentage by percentage: nobody who was in is ever out again, and as many as asked for are.
  @Test func raisingAPercentageOnlyAdds() throws {
    let version = SemanticVersion(1, 5, 0)
    let buckets = try Self.buckets(version)
    var situation = try DecisionTests.base()
    var admitted = Set<Int>()
    for percent in [0, 1, 2, 5, 10, 25, 50, 75, 99, 100] {
      situation.offer = Channel.Offer(version: version, percent: percent)
      var takes = [Bool]()
      for bucket in 0..<100 {
        situation.bucket = bucket
        takes.append(Decision.choose(in: situation).target == version)
      }
      let now = Set(buckets.indices.filter { takes[buckets[$0]] })
      #expect(now.isSuperset(of: admitted), "\(percent) %")
      let share = Double(now.count) / Double(Self.devices) * 100
      // Four standard deviations of a share of 100,000.
      #expect(abs(share - Double(percent)) <= 4 * 50 / 316, "\(percent) %: \(share)")
      admitted = now
    }
    #expect(admitted.count == Self.devices)
  }

  /// Whoever is first with one version is not first with the next, nor with another product: a table of 10 by 10 tenths
  /// is filled evenly. With 99 degrees of freedom; 161 as above.
  @Test(arguments: [("1.5.1", "room-agent"), ("1.6.0", "room-agent"), ("1.5.0", "sign-player")])
  func bucketsOfTwoVersionsAreIndependent(_ version: String, _ product: String) throws {
    let first = try Self.buckets(SemanticVersion(1, 5, 0))
    let second = try Self.buckets(try SemanticVersion(version), product: product)
    var counts = [Int](repeating: 0, count: 100)
    for (one, other) in zip(first, second) { counts[one / 10 * 10 + other / 10] += 1 }
    let chiSquared = Self.chiSquared(counts, expected: Double(Self.devices) / 100)
    #expect(chiSquared < 161, "\(chiSquared)")
  }
}
