ALTER TABLE `baselines` ADD `questions` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `baselines` ADD `checkpoint_id` integer;