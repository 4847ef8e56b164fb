/// What a proxy auto-configuration script may use.
public struct PACLimits: Sendable {
  /// Bytes of the script.
  public var script = 1 << 20
  /// Bytes that the script's objects may take in memory.
  public var memory = 64 << 20
  /// Seconds of processor time for one question, and for loading the script; a quarter more where the script is in a
  /// function of the engine's own when they are over.
  public var computing = 2.0
  /// Seconds by the clock for one question: starting an evaluator, loading the script and look-ups included.
  public var total = 10.0
  /// Seconds for one name look-up; what takes longer counts as a name that does not exist.
  public var lookup = 3.0
  /// Name look-ups in one question.
  public var lookups = 32
  /// Answers that are remembered.
  public var rememberedAnswers = 256
  /// Seconds that an answer is remembered.
  public var memoryOfAnswers = 60.0
  /// Seconds in which nobody who asks the same again waits once more for a limit to be reached.
  public var memoryOfFailures = 10.0

  public init() {}
}
