package results

// ClusterHealth is what the cluster said of itself at one time. It is polled beside the load,
// with requests of its own; what the user may not see, or brokers do not tell, is -1.
type ClusterHealth struct {
	Seconds float64 `json:"seconds"` // when the answer was there, since Begin.Started
	// WholeCluster says that all topics which the user may see are counted, and not the
	// trial's own alone, as on clusters with very many partitions.
	WholeCluster    bool  `json:"whole_cluster"`
	Brokers         int64 `json:"brokers"` // that are up
	Partitions      int64 `json:"partitions"`
	UnderReplicated int64 `json:"under_replicated"` // partitions with a leader and replicas out of sync
	Offline         int64 `json:"offline"`          // partitions without a leader
	// LeaderSkew is how many partitions the busiest broker leads, over the even share of the
	// brokers that are up: 1 is even.
	LeaderSkew    float64 `json:"leader_skew"`
	LeaderChanges int64   `json:"leader_changes"` // partitions with another leader than at the poll before
	Controller    int64   `json:"controller"`     // the id of the active controller
	// ControllerChanges are the elections since the poll before.
	ControllerChanges int64 `json:"controller_changes"`
}
