-- One row an article of any cluster: all are made anew from the pairs and the texts that are the same.
DELETE FROM story_clusters
