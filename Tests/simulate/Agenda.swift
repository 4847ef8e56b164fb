/// What comes when: a binary heap of moments (seconds since 1970) and who is due then.
struct Agenda {
  private var heap: [(at: Int64, device: Int)] = []

  var next: Int64? { heap.first?.at }

  mutating func add(_ device: Int, at moment: Int64) {
    heap.append((moment, device))
    var child = heap.count - 1
    while child > 0, heap[child].at < heap[(child - 1) / 2].at {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes all that is due before `end`.
  mutating func due(before end: Int64) -> [(at: Int64, device: Int)] {
    var found: [(at: Int64, device: Int)] = []
    while let first = heap.first, first.at < end {
      found.append(first)
      removeFirst()
    }
    return found
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[least].at {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

/// SplitMix64: small, and the same numbers for the same seed on every machine.
struct Dice: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
