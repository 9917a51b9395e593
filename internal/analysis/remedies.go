package analysis

// remedies are what a person can do about a kind of error.
func remedies() map[string]string {
	return map[string]string{
		"not_enough_replicas":                   "start the brokers that are missing, or lower the topic's min.insync.replicas",
		"not_enough_replicas_after_append":      "start the brokers that are missing, or lower the topic's min.insync.replicas",
		"message_too_large":                     "raise the topic's max.message.bytes, or send smaller records",
		"topic_authorization_failed":            "grant Write on the topic to the producer's user, Read to the consumer's",
		"group_authorization_failed":            "grant Read on the group",
		"cluster_authorization_failed":          "grant Write on the topic, which Kafka wants of idempotent producers before all else",
		"transactional_id_authorization_failed": "grant Write and Describe on the transactional id",
		"unknown_topic_or_partition":            "see who deleted the topic during the run",
		"delivery_timeout":                      "see whether the partitions' leaders are up: none answered within delivery.timeout.ms",
		"invalid_record":                        "a compacted topic wants keys",
		"buffer_full":                           "see what slows the brokers down: they took less than was due for max.block.ms",
		"not_leader_for_partition":              "see why the partitions' leaders keep moving",
		"sasl_authentication_failed":            "see whether the user's credentials were changed during the run",
	}
}

// remedy returns what a person can do about records that failed with a kind of error, beginning
// with a semicolon; nothing where the kind alone does not tell.
func remedy(kind string) string {
	text := remedies()[kind]
	if text == "" {
		return ""
	}
	return "; " + text
}
